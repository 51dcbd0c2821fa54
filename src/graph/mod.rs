//! Who held what, when: the acts of a history in order, and the copies they make.
//!
//! Start at `history` (names become dense numbers) and `replay` (acts become copies). Nothing here knows what is
//! allowed.

pub mod cohorts;
pub mod connected;
pub mod few;
pub mod history;
pub mod listed;
pub mod moments;
pub mod nesting;
pub mod number;
pub mod origin;
pub mod replay;
pub mod things;
pub mod ties;
pub mod tree;

pub use cohorts::Cohorts;
pub use few::Few;
pub use history::{Act, History};
pub use listed::Listed;
pub use number::{
    ActNo, CategoryNo, CopyNo, FieldNo, HoldingNo, ProcessorNo, PurposeNo, SafeguardsNo, SubjectNo,
};
pub use replay::Replay;
pub use things::Things;
