//! Facts in other formats.

use async_graphql::{Context, Enum, Object, Result};

use super::{error, snapshot};
use crate::export::{self, Record};

/// A format in which facts are written.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "export::Format")]
pub enum ExportFormat {
    /// The fact file as one JSON document: everything.
    Json,
    /// The fact file, one fact a line.
    Ndjson,
    /// A picture of flows for Graphviz.
    Dot,
    /// A picture of flows for Mermaid.
    Mermaid,
    /// The graph of flows as `GraphML`.
    Graphml,
    /// The acts as a table, which `wherefore import` reads again.
    Csv,
    /// OpenLineage events, one a line.
    Openlineage,
    /// PROV-JSON.
    Prov,
    /// DPV 2.3 as JSON-LD.
    Dpv,
    /// A Fides manifest as JSON, which is YAML too.
    Fides,
}

/// Facts in other formats.
#[derive(Default)]
pub struct Exports;

/// What writing everything costs.
const COST: usize = 5_000;
/// More facts than this are exported on the command line.
const FACTS_MAX: u64 = 100_000;

#[Object]
impl Exports {
    /// All facts in another format, as one text; Parquet, which is none, comes from `wherefore export` alone. For up to 100,000 facts; `wherefore export` has no limit.
    #[graphql(complexity = "COST")]
    async fn export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The format.")] format: ExportFormat,
    ) -> Result<String> {
        let snapshot = snapshot::of(ctx)?;
        if snapshot.counts().map_err(|error| error::db(&error))?.facts > FACTS_MAX {
            return Err(error::input(
                "there are more than 100,000 facts; use `wherefore export --store DIR`",
            ));
        }
        let facts = snapshot.facts().map_err(|error| error::db(&error))?;
        let header = snapshot.header().map_err(|error| error::db(&error))?;
        let record = Record {
            header,
            facts: &facts,
        };
        export::write(record, format.into()).map_err(|error| error::input(error.to_string()))
    }
}
