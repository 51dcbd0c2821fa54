//! Answers and findings in the forms that people and tools read. Sees nothing but the model.

pub mod appendix;
pub mod baseline;
pub mod checked;
pub mod comparison;
pub mod explain;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod packs;
mod plain;
mod rows;
pub mod sarif;
pub mod text;
