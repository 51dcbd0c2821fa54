//! Facts out again, in the formats that other tools read.
//!
//! [`facts`] writes the fact file: everything, so that reading it gives the same facts again. The others write what
//! their format has room for: pictures and tables of flows, provenance, vocabulary of data protection. Each says at
//! its head what it leaves out. Order is that of the record, or sorted; the same facts give the same bytes.

pub mod dpv;
pub mod facts;
pub mod fides;
mod flows;
pub mod graph;
pub mod openlineage;
pub mod prov;
pub mod table;

use clap::ValueEnum;

use crate::model::fact::{Act, Fact, Header, Stated};

/// A format in which facts are written.
// The one list: the command line and GraphQL offer what stands here, in these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[cfg_attr(
    feature = "server",
    derive(async_graphql::Enum),
    graphql(name = "ExportFormat")
)]
pub enum Format {
    /// The fact file as one JSON document: everything, and reading it gives the same facts again.
    Json,
    /// The fact file, one fact a line.
    Ndjson,
    /// A picture of flows for Graphviz.
    Dot,
    /// A picture of flows for Mermaid.
    Mermaid,
    /// The graph of flows for Gephi, yEd, networkx.
    Graphml,
    /// The acts as a table, which `import` reads again.
    Csv,
    /// The same table as Parquet.
    Parquet,
    /// OpenLineage events, one a line.
    Openlineage,
    /// PROV-JSON.
    Prov,
    /// DPV 2.3 as JSON-LD.
    Dpv,
    /// A Fides manifest as JSON, which is YAML too.
    Fides,
}

/// The facts in a format: text in UTF-8, but for Parquet. Cost: linear in the facts; for pictures the product of what
/// goes into a derivation and what comes out.
pub fn write(record: Record<'_>, format: Format) -> Result<Vec<u8>, table::TableError> {
    let text = match format {
        Format::Json => facts::json(record),
        Format::Ndjson => facts::ndjson(record),
        Format::Dot => graph::dot(record),
        Format::Mermaid => graph::mermaid(record),
        Format::Graphml => graph::graphml(record),
        Format::Csv => table::csv(record)?,
        Format::Parquet => return table::parquet(record),
        Format::Openlineage => openlineage::events(record),
        Format::Prov => prov::json(record),
        Format::Dpv => dpv::json(record),
        Format::Fides => fides::json(record),
    };
    Ok(text.into_bytes())
}

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
