//! Commits through GraphQL.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::error;
use super::time::DateTime;
use crate::db::{Batch, Db};
use crate::model::place::Problem;
use crate::model::time::Instant;

/// How the document of a commit is named in places.
const DOCUMENT: &str = "commit";

/// Tells the present: nothing here reads the clock itself.
#[derive(Clone, Copy)]
pub struct Clock(pub fn() -> Instant);

/// At most this many warnings are told.
const WARNINGS_MAX: usize = 100;

/// Facts to be committed.
#[derive(InputObject)]
pub struct CommitInput {
    /// The text of a fact file: YAML, JSON or NDJSON.
    facts: String,
    /// A commit with a key that was used before does nothing and answers as the first one did, so that a commit
    /// whose answer was lost can be sent again.
    idempotency_key: Option<String>,
    /// Who commits; kept with the commit.
    author: Option<String>,
    /// Given back as it is.
    client_mutation_id: Option<String>,
}

/// What a commit did.
#[derive(SimpleObject)]
pub struct CommitPayload {
    /// The number of the commit; of the last one before, if nothing was written.
    sequence: u64,
    /// The hash chain of the facts after it.
    head: String,
    /// When it was recorded.
    recorded_at: DateTime,
    /// How many facts were written, acts among them.
    facts: u64,
    /// How many acts were given.
    acts: u64,
    /// How many of the facts given were on record already.
    already_known: u64,
    /// Whether nothing was written: the key was used before, or everything was known.
    repeated: bool,
    /// As given.
    client_mutation_id: Option<String>,
    /// What the document says that means nothing: keys that are kept and never judged. Check their spelling.
    warnings: Vec<Warning>,
}

/// Something about a document that does not refuse it.
#[derive(SimpleObject)]
pub struct Warning {
    /// Stable code.
    code: &'static str,
    /// What is odd.
    message: String,
    /// What to do.
    help: String,
    /// Line in the document, from 1.
    line: u32,
    /// Column in characters, from 1.
    column: u32,
}

impl From<&Problem> for Warning {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code.as_str(),
            message: problem.message.clone(),
            help: problem.help.clone(),
            line: problem.place.line,
            column: problem.place.column,
        }
    }
}

/// Commits.
#[derive(Default)]
pub struct Commits;

#[Object]
impl Commits {
    /// Adds facts, all or none. If the document has problems, the error has the code `FACT_INVALID`, and its
    /// `extensions.problems` lists them with `code`, `message`, `help`, `line` and `column`.
    async fn commit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The facts, and how to commit them.")] input: CommitInput,
    ) -> Result<CommitPayload> {
        let db = ctx.data::<Db>()?;
        let Clock(clock) = ctx.data::<Clock>()?;
        let mut batch = Batch::read(&input.facts, DOCUMENT).map_err(|problems| error::invalid(&problems))?;
        let warnings = batch
            .document
            .warnings
            .iter()
            .take(WARNINGS_MAX)
            .map(Warning::from)
            .collect();
        batch.key = input.idempotency_key;
        batch.author = input.author;
        let receipt = db
            .commit(batch, clock())
            .map_err(|problem| error::commit(&problem))?;
        Ok(CommitPayload {
            sequence: receipt.sequence,
            head: receipt.head,
            recorded_at: DateTime::new(receipt.recorded, db.snapshot().zone()),
            facts: receipt.facts,
            acts: receipt.acts,
            already_known: receipt.already_known,
            repeated: receipt.repeated,
            warnings,
            client_mutation_id: input.client_mutation_id,
        })
    }
}
