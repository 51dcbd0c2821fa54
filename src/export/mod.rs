//! Facts out again, in the formats that other tools read.
//!
//! [`facts`] writes the fact file: everything, so that reading it gives the same facts again. The others write what
//! their format has room for: pictures and tables of flows, provenance, vocabulary of data protection. Each says at
//! its head what it leaves out. Order is that of the record, or sorted; the same facts give the same bytes.

pub mod dpv;
pub mod facts;
mod flows;
pub mod graph;
pub mod openlineage;
pub mod prov;
pub mod table;

use crate::model::fact::{Act, Fact, Header, Stated};

/// What is written: the header and all facts, in the order of the record.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// What holds for all facts.
    pub header: &'a Header,
    /// The facts.
    pub facts: &'a [Stated],
}

impl<'a> Record<'a> {
    /// The acts, in the order of the record.
    fn acts(self) -> impl Iterator<Item = &'a Act> {
        self.facts.iter().filter_map(|stated| {
            if let Fact::Act(act) = &stated.fact {
                Some(act)
            } else {
                None
            }
        })
    }
}
