//! Answers and findings in the forms that people and tools read. Sees nothing but the model.

pub mod json;
pub mod text;
