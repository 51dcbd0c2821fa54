//! How much lineage has come in.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};

use crate::intake::{Counts, Intake};

/// Events that pipelines have sent, since the journal of the store began.
#[derive(SimpleObject)]
pub struct Lineage {
    /// Events taken, all durable.
    events: u64,
    /// Of these, how many have become facts.
    applied: u64,
    /// Events that came again, since the server was started.
    repeated: u64,
    /// Runs known.
    runs: u64,
    /// Runs that have neither completed nor failed.
    open_runs: u64,
    /// Datasets known.
    datasets: u64,
    /// Datasets, and jobs that hold data, of which nobody has said whose they are.
    unmapped: u64,
    /// Events refused, by code.
    refused: Vec<Count>,
    /// Facets that are kept and not read, by name: in how many events.
    unread_facets: Vec<Count>,
}

/// How often something came.
#[derive(SimpleObject)]
pub struct Count {
    /// What: a code or a name.
    name: String,
    /// How often.
    count: u64,
}

/// Counts of what came in.
#[derive(Default)]
pub struct Lineages;

#[Object]
impl Lineages {
    /// How many OpenLineage events came in and what became of them; nothing when this server takes none. These are the
    /// counts of the moment, not of the commit that the rest is answered from.
    async fn lineage(&self, ctx: &Context<'_>) -> Result<Option<Lineage>> {
        Ok(ctx.data_opt::<Arc<Intake>>().map(|intake| intake.counts().into()))
    }
}

impl From<Counts> for Lineage {
    fn from(counts: Counts) -> Self {
        let list = |counts: BTreeMap<String, u64>| {
            let all = counts.into_iter();
            all.map(|(name, count)| Count { name, count }).collect()
        };
        Self {
            events: counts.events,
            applied: counts.applied,
            repeated: counts.repeated,
            runs: counts.runs,
            open_runs: counts.open_runs,
            datasets: counts.datasets,
            unmapped: counts.unmapped,
            refused: list(counts.refused),
            unread_facets: list(counts.unread_facets),
        }
    }
}
