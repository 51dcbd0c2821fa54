//! Wherefore answers **where personal data went, and what for**.
//!
//! It keeps facts about personal data with their time (fields, processors, purposes, authorizations, and every act of
//! sharing or transfer) in an embedded store, and answers whether a field, or anything made from it, ever reached
//! somebody who was not authorized or crossed a border: with the chain of acts that proves it and the clause it breaks.
//!
//! ```
//! use wherefore::db::Snapshot;
//! use wherefore::import::{self, Format};
//! use wherefore::model::word::Verdict;
//! use wherefore::question;
//!
//! let text = include_str!("../examples/zhima-credit.yaml");
//! let document = import::read_alone(text, "zhima-credit.yaml", Format::Yaml).expect("the example is valid");
//! let facts = Snapshot::of_document(document);
//! let asked = question::read(
//!     r#"{"ask": "reach", "field": "ride-fulfilment", "to": "bank-east", "subject": "lin"}"#,
//! )?;
//! let answer = facts.ask(&asked.question, None).expect("the example can be asked");
//! assert_eq!(answer.verdict, Verdict::Yes);
//! assert_eq!(facts.findings(None).expect("and judged").len(), 56);
//! # Ok::<(), question::AskError>(())
//! ```
//!
//! # Code map
//!
//! ```text
//! documents, GraphQL mutations          import, facts, api
//!         │ facts with places
//!         ▼
//!   one commit, checked as a whole      db
//!         │ one atomic, synced write
//!         ▼
//!   append-only log and indexes         store (RocksDB behind a seam)
//!         │ one family, or everything
//!         ▼
//!   acts in order → copies              graph
//!         │
//!         ├── search, witness checker   reach; large families in columns: engine
//!         ├── coverage, checks          policy, rules
//!         ▼
//!   answers and findings                question, rules
//!         │
//!   JSON, text, GraphQL, pages          report, api, server, cli
//! ```
//!
//! | module | what it is | may use |
//! |---|---|---|
//! | [`model`] | the words of the domain: facts, rules, findings, questions, time; no I/O, no clock | nothing of ours |
//! | [`flow`] | flow policies of the user's own, in Cedar: read, validated, decided | model |
//! | [`facts`] | what the keys of a document mean; a document's tree becomes facts and problems, and the way back | flow |
//! | [`import`] | YAML, JSON and NDJSON into trees, all problems at once, drawn with their place | facts |
//! | [`packs`] | rule packs: which there are, and their parameters | import, facts |
//! | [`engine`] | the temporal graph in columns of numbers, and the kernels that run on it | nothing of ours |
//! | [`graph`] | acts in order and the copies they make: who held what, when | model |
//! | [`reach`] | search over copies; a checker of witnesses that knows nothing of the search | graph |
//! | [`policy`] | may this act happen: coverage by authorizations | graph |
//! | [`rules`] | judging: one file for each check kind | policy, flow, reach, graph |
//! | [`placing`] | acts of which only the bounds of their instant are known: which placements to try, what is definite and what possible | flow, graph |
//! | [`question`] | what people ask, one file for each question | rules, policy, reach, graph |
//! | [`store`] | the seam and who stands behind it; records, keys, chain, verify | model |
//! | [`report`] | findings and answers as JSON and text | model |
//! | [`db`] | the front door: open, commit, snapshot, ask, judge | all above but report |
//! | [`release`] | what a release check adds: `wherefore.yaml`, changes, suppressions, demands of its own | db, rules, graph, import, facts |
//! | [`intake`] | events that pipelines emit: journal, gathering, commits; refusals kept and counted | db, import, facts |
//! | [`export`] | facts in other formats: fact file, pictures, tables, OpenLineage, PROV, DPV | facts |
//! | `api` | GraphQL types and resolvers | db, intake, export, import, release, report |
//! | `server` | HTTP, WebSocket, pages, guard, the door for events; knows nothing of facts | api, intake |
//! | [`cli`] | one file for each subcommand | db, export, import, intake, release, report, server |
//!
//! # What always holds
//!
//! - Arrows between modules go down only; a test reads the code and keeps it so.
//! - `graph`, `reach`, `policy`, `rules` and `question` are pure: no disk, no clock, no async. "Now" is an argument; only
//!   `cli` reads the clock.
//! - Every reach answer's witness is checked, before it is given, by `reach::witness`, which does not know the search.
//! - Order is (instant, commit, position in the document), so two runs print the same bytes.
//! - Nothing is overwritten. A commit is whole or absent; every index can be rebuilt from the log, and `verify` does.
//! - RocksDB and bincode are named in `store` only, `unsafe` stands in `sys.rs` only.
//!
//! To change what an answer means, read `docs/semantics.md` and `docs/checks.md` first; to change what is stored,
//! `docs/store.md`.

#[cfg(feature = "server")]
pub mod api;
pub mod cli;
pub mod db;
pub mod engine;
pub mod export;
pub mod facts;
pub mod flow;
pub mod graph;
pub mod import;
pub mod intake;
pub mod model;
pub mod packs;
pub mod placing;
pub mod policy;
pub mod question;
pub mod reach;
pub mod release;
pub mod report;
pub mod rules;
#[cfg(feature = "server")]
pub mod server;
pub mod store;
mod sys;
