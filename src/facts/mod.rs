//! From a document's tree to facts: what each key means, what is missing, unknown, doubled or inverted, with its
//! place. Which text format the tree came from is not known here (`import`), and neither is a store: references
//! that the document does not declare are handed on.
//!
//! To add a key, open the file of its section.

mod act;
mod duties;
mod entry;
pub mod node;
mod pack;
mod permissions;
mod read;
mod recorded;
mod reference;
mod rules;
pub mod standing;
mod suppressions;
mod things;
pub mod written;

pub use entry::{Entry, Reading};
pub use pack::{Rules as PackRules, pack, rules as pack_rules, sketches};
pub use read::{Defaults, item, read_header, stored};
pub use reference::Reference;
