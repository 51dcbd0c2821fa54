//! `wherefore query` and `wherefore schema`: GraphQL without a server.

use std::path::PathBuf;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Variables};
use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::out::{out, outln};
use super::source::{self, Failure};
use crate::db::{AsOf, Batch, Db, Mode};
use crate::{api, server};

/// Run a GraphQL document against a store or a fact file and print the response.
///
/// Exits 0, or 2 when the response has errors.
#[derive(Debug, Args)]
pub struct Query {
    /// File with the document; `-` reads standard input.
    document: PathBuf,
    /// The store to ask.
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "facts",
        required_unless_present = "facts"
    )]
    store: Option<PathBuf>,
    /// The fact file to ask.
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Variables as a JSON object.
    #[arg(long, value_name = "JSON")]
    variables: Option<String>,
    /// Which operation of the document to run.
    #[arg(long)]
    operation: Option<String>,
}

impl Query {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let named = self.document.to_string_lossy();
        if named.contains('{') && !self.document.exists() {
            return Err(Failure::Usage(
                "the document is read from a file; pipe it in to write it here: echo '{ … }' | wherefore query -"
                    .to_owned(),
            ));
        }
        let text = source::text(&self.document)?;
        let mut request = Request::new(text);
        if let Some(variables) = &self.variables {
            let value = serde_json::from_str(variables)
                .map_err(|cause| Failure::Usage(format!("--variables is no JSON object: {cause}")))?;
            request = request.variables(Variables::from_json(value));
        }
        if let Some(operation) = &self.operation {
            request = request.operation_name(operation);
        }
        let db = match (&self.store, &self.facts) {
            (Some(folder), _) => Db::open(folder, mode(request.query.as_str()), AsOf::Now(source::now))?,
            (None, Some(file)) => {
                let document = source::document(file, None)?;
                let db = Db::in_memory(AsOf::Fixed(document.header.as_of))?;
                db.commit(Batch::of(document), source::now())?;
                db
            }
            (None, None) => return Err(Failure::Usage("name a store or a fact file".to_owned())),
        };
        let schema = server::protect(api::schema(db, source::now)).finish();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| Failure::Other {
                code: "CLI_NO_THREADS",
                message: cause.to_string(),
            })?;
        let response = runtime.block_on(schema.execute(request));
        let is_error = response.is_err();
        let printed = serde_json::to_value(&response).map_err(|cause| Failure::Other {
            code: "CLI_RESPONSE",
            message: cause.to_string(),
        })?;
        outln!("{printed:#}");
        Ok(if is_error { Exit::CouldNot } else { Exit::Clean })
    }
}

/// A document that only asks may be run beside a server or an import; one that commits needs the store for itself.
fn mode(document: &str) -> Mode {
    let commits = parse_query(document).is_ok_and(|document| {
        document
            .operations
            .iter()
            .any(|(_, operation)| operation.node.ty == OperationType::Mutation)
    });
    if commits { Mode::Write } else { Mode::Read }
}

/// What to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// The GraphQL schema, as SDL.
    Graphql,
    /// The JSON Schema of the fact file.
    Facts,
    /// The JSON Schema of a rule pack.
    Packs,
    /// The JSON Schema of `wherefore.yaml`.
    Project,
}

/// Print a schema: of GraphQL, of the fact file, or of a rule pack.
#[derive(Debug, Args)]
pub struct Schema {
    /// Which one.
    #[arg(value_enum, default_value = "graphql")]
    kind: SchemaKind,
}

const PROJECT: &str = include_str!("../../schema/project.schema.json");
const FACTS: &str = include_str!("../../schema/facts.schema.json");
const PACKS: &str = include_str!("../../schema/pack.schema.json");

impl Schema {
    /// Runs it.
    pub fn run(self) -> Exit {
        match self.kind {
            SchemaKind::Graphql => out!("{}", api::sdl()),
            SchemaKind::Facts => out!("{FACTS}"),
            SchemaKind::Packs => out!("{PACKS}"),
            SchemaKind::Project => out!("{PROJECT}"),
        }
        Exit::Clean
    }
}
