//! `wherefore serve` and `wherefore demo`: answer in the browser and over HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::exit::Exit;
use super::out::mention;
use super::source::{self, Failure};
use crate::api;
use crate::db::{AsOf, Batch, Db, Mode};
use crate::import::openlineage::Unfinished;
use crate::import::{self, Format};
use crate::intake::Intake;
use crate::model::time::Instant;
use crate::report::text;
use crate::server::{self, LineageDoor, Options};

/// The facts of the demo: the worked example of the repository.
const DEMO: &str = include_str!("../../examples/zhima-credit.yaml");
const DEMO_NAME: &str = "examples/zhima-credit.yaml";

/// Where to listen.
#[derive(Debug, Args)]
pub struct Listen {
    /// Port on this machine; 0 takes any free one.
    #[arg(long, default_value_t = 4477)]
    port: u16,
    /// Address to listen on. Only addresses of this machine are taken: there is no login.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Serve the browser pages from this folder instead of the built-in ones, to work on them.
    #[arg(long, value_name = "DIR")]
    pages: Option<PathBuf>,
    /// Answer to this `Host` header too, such as `lineage.example:8443` (repeatable; for a proxy in front).
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
}

/// Serve a store: GraphiQL, GraphQL over HTTP and WebSocket.
///
/// Listens on this machine only. Stops on Ctrl-C.
#[derive(Debug, Args)]
pub struct Serve {
    /// The store; made if there is none.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Answer for this instant unless a question names one [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    as_of: Option<Instant>,
    /// Which namespace of OpenLineage events belongs to whom: a mapping file [default: the one given last for this store].
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Take OpenLineage events only with the key that stands in this file: `Authorization: Bearer …`.
    #[arg(long, value_name = "FILE")]
    lineage_key: Option<PathBuf>,
    #[command(flatten)]
    listen: Listen,
}

impl Serve {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let as_of = self.as_of.map_or(AsOf::Now(source::now), AsOf::Fixed);
        let mapping = source::mapping_or_kept(self.mapping.as_deref(), &self.store)?;
        if self.mapping.is_some() && !self.store.is_dir() {
            source::declared(&mapping, None)?;
        }
        let db = Db::open(&self.store, Mode::Create, as_of)?;
        if self.mapping.is_some() {
            source::declared(&mapping, Some(&db))?;
        }
        let snapshot = db.snapshot();
        mention!(
            "store {}: commit {}, {} facts",
            self.store.display(),
            snapshot.sequence(),
            snapshot.counts()?.facts
        );
        let key = self.lineage_key.as_deref().map(source::text).transpose()?;
        let key = key.map(|key| key.trim().into());
        let intake = Intake::open(&self.store, db.clone(), source::now, mapping)?;
        let intake = Arc::new(intake);
        let applying = {
            let intake = Arc::clone(&intake);
            // What came before a crash and is not committed yet.
            intake.apply(Unfinished::Awaited)?;
            std::thread::spawn(move || intake.run())
        };
        let door = LineageDoor {
            intake: Arc::clone(&intake),
            key,
        };
        let exit = run(db, self.listen, Some(door));
        intake.close();
        let _ = applying.join();
        exit
    }
}

/// Load the worked example into a fresh store and serve it.
///
/// The example follows a public privacy policy of a credit-scoring service; its persons and events are invented, and
/// only the names of the processors follow the policy. It is answered as of 30 June 2025, the day it was written for.
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the store in this folder [default: a temporary one, removed at the end].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    listen: Listen,
}

impl Demo {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let temporary = match &self.dir {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(|cause| Failure::Unreadable {
                path: std::env::temp_dir(),
                cause,
            })?),
        };
        let folder = match (&self.dir, &temporary) {
            (Some(folder), _) => folder.clone(),
            (None, Some(temporary)) => temporary.path().join("store"),
            (None, None) => return Err(Failure::Usage("no folder for the demo".to_owned())),
        };
        let document = import::read_alone(DEMO, DEMO_NAME, Format::Yaml)
            .map_err(|problems| source::refusal(&problems, DEMO_NAME, DEMO))?;
        let as_of = AsOf::Fixed(document.header.as_of);
        let db = Db::open(&folder, Mode::Create, as_of)?;
        let mut batch = Batch::of(document);
        batch.author = Some("demo".to_owned());
        let receipt = db.commit(batch, source::now())?;
        let snapshot = db.snapshot();
        mention!(
            "demo: {} facts in a RocksDB store at {} (commit {})",
            snapshot.counts()?.facts,
            folder.display(),
            receipt.sequence
        );
        mention!(
            "The persons and events are invented; only the names of the processors follow a public policy.\n\
             Answers are as of {}.\n",
            snapshot.zone().print(snapshot.as_of())
        );
        let findings = snapshot.findings(None)?;
        mention!(
            "{} findings. The first one, a policy in force a week before anybody could read it:\n",
            findings.len()
        );
        if let Some(first) = findings.first() {
            mention!("{}", text::finding(1, first, snapshot.zone(), source::style()));
        }
        run(db, self.listen, None)
    }
}

fn run(db: Db, listen: Listen, lineage: Option<LineageDoor>) -> Result<Exit, Failure> {
    let mut options = Options::at(SocketAddr::new(listen.address, listen.port));
    options.pages = listen.pages;
    options.hosts = listen.host;
    let mut schema = api::schema(db, source::now);
    let takes_events = lineage.is_some();
    if let Some(door) = &lineage {
        schema = schema.data(Arc::clone(&door.intake));
    }
    options.lineage = lineage;
    let runtime = tokio::runtime::Runtime::new().map_err(|cause| Failure::Other {
        code: "CLI_NO_THREADS",
        message: cause.to_string(),
    })?;
    runtime
        .block_on(server::serve(schema, options, |address| {
            mention!("GraphiQL   http://{address}/graphiql");
            mention!("GraphQL    http://{address}/graphql");
            if takes_events {
                mention!("OpenLineage http://{address} (OPENLINEAGE_URL)");
            }
            mention!("Stop with Ctrl-C.");
        }))
        .map_err(|error| Failure::Other {
            code: error.code(),
            message: chain(&error),
        })?;
    Ok(Exit::Clean)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
