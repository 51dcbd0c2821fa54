//! Documents: what is refused and where, what is read, and that nothing brings the reader down.

pub mod dice;
mod marked;
mod world;

mod codes;
mod encodings;
mod hostile;
mod mutants;
mod names;
mod schema;
mod several;
mod shapes;
mod spans;
mod syntax;
mod values;
mod words;
