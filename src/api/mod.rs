//! The GraphQL schema: types shaped for the questions that people ask, with a description on everything, because
//! GraphiQL is the manual for most users.
//!
//! Resolvers are thin: they read their arguments, call `crate::db`, and convert; nothing is decided here. All
//! fields of one operation are answered from one snapshot. Resolvers compute without waiting, so whoever
//! executes the schema does so on a thread that may be busy for a while, as `server::engine` does. Start reading
//! at [`schema`], then `questions` (what can be asked) and `findings`.

#![expect(
    clippy::unused_async,
    reason = "resolvers are asynchronous for async-graphql; ours do not wait"
)]

mod act;
mod answer;
mod catalogue;
mod commit;
mod error;
mod events;
mod export;
mod finding;
mod findings;
mod global;
mod history;
mod judgements;
mod lineage;
mod moment;
mod page;
mod questions;
mod release;
mod rows;
mod snapshot;
mod step;
mod store;
mod time;
mod words;

use async_graphql::{MergedObject, ObjectType, SDLExportOptions, Schema, SchemaBuilder, SubscriptionType};

use crate::db::Db;
use crate::model::time::Instant;

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    questions::Questions,
    judgements::Judgements,
    findings::Findings,
    catalogue::Catalogue,
    global::Nodes,
    history::Histories,
    store::About,
    export::Exports,
    lineage::Lineages,
    release::Release,
);

/// What can be changed. Nothing is ever overwritten: corrections and retractions are facts, too.
#[derive(MergedObject, Default)]
pub struct Mutation(commit::Commits, release::Decisions);

/// What can be listened to.
pub use events::Subscription;

/// The schema over these facts; commits are recorded at the instant that `clock` tells. It has no limits yet:
/// `server::serve` adds them.
pub fn schema(db: Db, clock: fn() -> Instant) -> SchemaBuilder<Query, Mutation, Subscription> {
    bare()
        .extension(snapshot::OneSnapshot(db.clone()))
        .data(commit::Clock(clock))
        .data(db)
}

/// The schema in the schema definition language, as kept in `schema/wherefore.graphql`.
pub fn sdl() -> String {
    print(&bare().finish())
}

/// A schema in the schema definition language: sorted, so that the text does not change with the order of the
/// code.
pub fn print<Q, M, S>(schema: &Schema<Q, M, S>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    schema.sdl_with_options(options)
}

fn bare() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        // Only `node` and `nodes` name the interface; its types must be known all the same.
        .register_output_type::<global::Node>()
        // A suggestion would name things that the caller did not know of.
        .disable_suggestions()
}
