//! One OpenLineage event, reduced to what it says about data.
//!
//! Facets that say nothing about where data went are named in [`Event::unread`], so that they can be counted; the
//! event itself is kept whole by whoever received it.

use std::sync::Arc;

use serde_json::Value;

use super::lineage;
use super::read::{At, Refusal};
use crate::model::place::ProblemCode;
use crate::model::time::{Instant, InstantError};

/// A dataset or a job, by the names that OpenLineage gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    /// Jobs hold data of their own where lineage says "made by this job".
    pub is_job: bool,
    /// The namespace.
    pub namespace: Arc<str>,
    /// The name in it.
    pub name: Arc<str>,
}

/// A column of a dataset, or everything in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column {
    /// The dataset or job.
    pub of: Entity,
    /// The column, nested ones with dots; `None` is all of it.
    pub name: Option<Arc<str>>,
}

/// How data came from one column into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Values were carried over, changed or not.
    Direct,
    /// Values were carried over, hashed or masked.
    Masked,
    /// Which rows or groups came out depended on it (a filter, a join, a sort); no value was carried.
    Influence,
}

/// Data of one column in another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// From here.
    pub from: Column,
    /// To here.
    pub to: Column,
    /// How.
    pub how: How,
}

/// The state of a run that an event reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It began.
    Start,
    /// It goes on, or something else is known about it.
    Other,
    /// It did what it was to do.
    Complete,
    /// It was stopped or failed: what it did before is not known.
    Failed,
}

/// What the event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One run of a job.
    Run {
        /// The run.
        id: Arc<str>,
        /// What became of it.
        state: State,
        /// The run that started it.
        parent: Option<Parent>,
        /// The job.
        job: Entity,
    },
    /// A job as designed, without a run.
    Job(Entity),
    /// A dataset, without a run.
    Dataset,
}

/// The run that started another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parent {
    /// Its identifier.
    pub run: Arc<str>,
    /// Its job, which need not send events of its own.
    pub job: Option<Entity>,
}

/// What happened to a dataset as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Its rows are gone.
    Emptied,
    /// Its rows were replaced.
    Overwritten,
    /// It had this name before.
    RenamedFrom(Entity),
}

/// A tag: the column it is of, or none for the dataset; key; value.
pub type Tag = (Option<Arc<str>>, Arc<str>, Arc<str>);

/// A dataset as an event shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which one.
    pub dataset: Entity,
    /// Columns that it has.
    pub columns: Vec<Arc<str>>,
    /// Other names of the same data.
    pub aliases: Vec<Entity>,
    /// What happened to it as a whole.
    pub change: Option<Change>,
    /// Tags: column, key and value.
    pub tags: Vec<Tag>,
    /// Whether the event says from what it was made; without, anything read may be in it.
    pub is_explained: bool,
    /// Who holds it, when the producer says so.
    pub party: Option<Party>,
    /// Kinds of people whose data it holds, when the producer says so.
    pub subjects: Vec<Arc<str>>,
    /// Of an input: the columns that were read, when the producer says so.
    pub read: Vec<Arc<str>>,
    /// Of an output: whether nothing came into it but what the job read, when the producer says so.
    pub is_only_inputs: bool,
}

/// A party, as the facet of Wherefore names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// Its identifier.
    pub id: Arc<str>,
    /// What it is, in the words of the fact file.
    pub kind: Option<Arc<str>>,
    /// Where it is.
    pub country: Option<Arc<str>>,
}

/// What a job or a run says about what it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Says {
    /// What for.
    pub purpose: Option<Arc<str>>,
    /// On which legal basis, in the producer's word.
    pub basis: Option<Arc<str>>,
    /// Who runs it.
    pub party: Option<Party>,
    /// Who receives what it reads.
    pub recipient: Option<Party>,
    /// How the data was protected on the way.
    pub safeguards: Vec<Arc<str>>,
    /// Whether it runs until somebody stops it.
    pub is_streaming: bool,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// About what.
    pub kind: Kind,
    /// What the job says about itself.
    pub says: Says,
    /// What was read.
    pub inputs: Vec<Seen>,
    /// What was written, and the dataset of an event about a dataset.
    pub outputs: Vec<Seen>,
    /// Lineage, of columns and of wholes.
    pub edges: Vec<Edge>,
    /// Datasets and jobs that explicit lineage explains, in or outside the outputs.
    pub explained: Vec<Entity>,
    /// Facets that were not read, such as `run.spark_properties`.
    pub unread: Vec<String>,
}

/// What is done about instants without an offset: the offset that stands for it, such as `Z`.
pub type AssumedOffset<'a> = Option<&'a str>;

/// Reads an event.
pub fn event(value: &Value, offset: AssumedOffset<'_>) -> Result<Event, Refusal> {
    let root = At::root(value);
    if !value.is_object() {
        return Err(root.refuse(
            ProblemCode::EventNotObject,
            "an event is an object",
            "send one OpenLineage event, or a list of them",
        ));
    }
    let at = instant(&root.need("eventTime")?, offset)?;
    let mut event = Event {
        at,
        kind: Kind::Dataset,
        says: Says::default(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        edges: Vec::new(),
        explained: Vec::new(),
        unread: Vec::new(),
    };
    if let Some(run) = root.get("run") {
        let id = run.need("runId")?.name()?.into();
        let mut parent = None;
        run.entries("facets", |name, facet| {
            facet.object()?;
            match name {
                // Airflow's first integrations called it `parentRun`.
                "parent" | "parentRun" => {
                    parent = Some(Parent {
                        run: facet.need("run")?.need("runId")?.name()?.into(),
                        // A name that is none says nothing; the run has one all the same.
                        job: facet.get("job").and_then(|at| entity(&at, true).ok()),
                    });
                }
                "wherefore" => job_facet(&facet, &mut event.says)?,
                _ => event.unread.push(format!("run.{name}")),
            }
            Ok(())
        })?;
        let job = job(&root.need("job")?, &mut event)?;
        event.kind = Kind::Run {
            id,
            state: state(&root)?,
            parent,
            job,
        };
    } else if let Some(at) = root.get("job") {
        event.kind = Kind::Job(job(&at, &mut event)?);
    } else if let Some(dataset) = root.get("dataset") {
        let seen = seen(&dataset, &mut event)?;
        event.outputs.push(seen);
        return Ok(event);
    } else {
        return Err(root.refuse(
            ProblemCode::EventKind,
            "neither `run` nor `job` nor `dataset` is there",
            "an event is about a run, a job or a dataset",
        ));
    }
    root.each("inputs", |at| {
        let seen = seen(&at, &mut event)?;
        event.inputs.push(seen);
        Ok(())
    })?;
    root.each("outputs", |at| {
        let seen = seen(&at, &mut event)?;
        event.outputs.push(seen);
        Ok(())
    })?;
    Ok(event)
}

fn state(root: &At<'_, '_>) -> Result<State, Refusal> {
    // Older producers leave it out for events that only add metadata.
    let Some(at) = root.get("eventType") else {
        return Ok(State::Other);
    };
    Ok(match at.text()? {
        "START" => State::Start,
        "RUNNING" | "OTHER" => State::Other,
        "COMPLETE" => State::Complete,
        "ABORT" | "FAIL" => State::Failed,
        other => {
            return Err(at.refuse(
                ProblemCode::EventBadWord,
                format!("`{}` is no state of a run", clipped(other)),
                "use START, RUNNING, COMPLETE, ABORT, FAIL or OTHER",
            ));
        }
    })
}

fn clipped(text: &str) -> String {
    text.chars().take(40).collect()
}

/// An instant; digits finer than a microsecond are cut off.
fn instant(at: &At<'_, '_>, offset: AssumedOffset<'_>) -> Result<Instant, Refusal> {
    let text = at.text()?;
    let parse = |text: &str| match Instant::parse(text) {
        Err(InstantError::TooFine) => Instant::parse(&to_microseconds(text)),
        other => other,
    };
    let read = match (parse(text), offset) {
        (Err(InstantError::NoOffset), Some(offset)) => parse(&format!("{text}{offset}")),
        (read, _) => read,
    };
    read.map_err(|error| match error {
        InstantError::NoOffset => at.refuse(
            ProblemCode::EventNoOffset,
            format!("`{}` has no offset", clipped(text)),
            "send one, such as Z or +08:00, or say in the mapping file which is meant: offset: Z",
        ),
        InstantError::DateWithoutTime | InstantError::TooFine | InstantError::NotIso => at.refuse(
            ProblemCode::EventBadTime,
            format!("`{}` is no instant", clipped(text)),
            "write ISO 8601 with an offset, such as 2024-05-01T09:00:00Z",
        ),
    })
}

fn to_microseconds(text: &str) -> String {
    let Some(point) = text.find(['.', ',']) else {
        return text.to_owned();
    };
    let (whole, rest) = text.split_at(point + 1);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    format!("{whole}{}{}", &rest[..digits.min(6)], &rest[digits..])
}

/// The dataset or job of this namespace and name.
pub fn entity(at: &At<'_, '_>, is_job: bool) -> Result<Entity, Refusal> {
    Ok(Entity {
        is_job,
        namespace: at.need("namespace")?.name()?.into(),
        name: at.need("name")?.name()?.into(),
    })
}

fn job(at: &At<'_, '_>, event: &mut Event) -> Result<Entity, Refusal> {
    let job = entity(at, true)?;
    at.entries("facets", |name, facet| {
        facet.object()?;
        if facet.flag("_deleted")? {
            return Ok(());
        }
        match name {
            "processing" => {
                event.says.purpose = optional_name(&facet, "purpose")?;
                event.says.basis = optional_name(&facet, "legal_basis")?;
            }
            "wherefore" => job_facet(&facet, &mut event.says)?,
            "jobType" => {
                let kind = facet.get("processingType").map(|at| at.text()).transpose()?;
                event.says.is_streaming = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("STREAMING"));
            }
            "lineage" => lineage::of_job(&facet, &job, event)?,
            _ => event.unread.push(format!("job.{name}")),
        }
        Ok(())
    })?;
    Ok(job)
}

fn optional_name(at: &At<'_, '_>, key: &str) -> Result<Option<Arc<str>>, Refusal> {
    at.get(key).map(|at| at.name().map(Arc::from)).transpose()
}

fn job_facet(facet: &At<'_, '_>, says: &mut Says) -> Result<(), Refusal> {
    if let Some(purpose) = optional_name(facet, "purpose")? {
        says.purpose = Some(purpose);
    }
    if let Some(basis) = optional_name(facet, "basis")? {
        says.basis = Some(basis);
    }
    says.party = party(facet, "party")?.or(says.party.take());
    says.recipient = party(facet, "recipient")?.or(says.recipient.take());
    facet.each("safeguards", |at| {
        says.safeguards.push(at.name()?.into());
        Ok(())
    })
}

fn party(facet: &At<'_, '_>, key: &str) -> Result<Option<Party>, Refusal> {
    let Some(at) = facet.get(key) else {
        return Ok(None);
    };
    if at.value.is_string() {
        return Ok(Some(Party {
            id: at.name()?.into(),
            kind: None,
            country: None,
        }));
    }
    Ok(Some(Party {
        id: at.need("id")?.name()?.into(),
        kind: at
            .get("kind")
            .map(|at| match at.text()? {
                kind @ ("controller" | "delegate" | "verifier" | "authority" | "public") => Ok(kind.into()),
                other => Err(at.refuse(
                    ProblemCode::EventBadWord,
                    format!("`{}` is no kind of party", clipped(other)),
                    "use controller, delegate, verifier, authority or public",
                )),
            })
            .transpose()?,
        country: optional_name(&at, "country")?,
    }))
}

fn seen(at: &At<'_, '_>, event: &mut Event) -> Result<Seen, Refusal> {
    let mut seen = Seen {
        dataset: entity(at, false)?,
        columns: Vec::new(),
        aliases: Vec::new(),
        change: None,
        tags: Vec::new(),
        is_explained: false,
        party: None,
        subjects: Vec::new(),
        read: Vec::new(),
        is_only_inputs: false,
    };
    at.entries("facets", |name, facet| {
        facet.object()?;
        if facet.flag("_deleted")? {
            return Ok(());
        }
        match name {
            "schema" => columns(&facet, "", 0, &mut seen.columns)?,
            "columnLineage" => {
                lineage::of_columns(&facet, &seen.dataset, event)?;
                seen.is_explained = true;
            }
            "lineage" => {
                lineage::of_dataset(&facet, &seen.dataset, event)?;
                seen.is_explained = true;
            }
            "lifecycleStateChange" => {
                seen.change = change(&facet)?;
                // What had which name before cannot be known then.
                let is_renamed = facet.value["lifecycleStateChange"] == "RENAME";
                if is_renamed && seen.change.is_none() {
                    event.unread.push(format!("dataset.{name}"));
                }
            }
            "symlinks" => facet.each("identifiers", |at| {
                seen.aliases.push(entity(&at, false)?);
                Ok(())
            })?,
            "tags" => facet.each("tags", |at| {
                let field = optional_name(&at, "field")?;
                let value = at.need("value")?;
                // Some producers write flags.
                let text = value
                    .value
                    .as_bool()
                    .map_or_else(|| value.text().map(Arc::from), |flag| Ok(flag.to_string().into()))?;
                seen.tags.push((field, at.need("key")?.name()?.into(), text));
                Ok(())
            })?,
            "wherefore" => {
                seen.party = party(&facet, "party")?;
                seen.is_only_inputs = facet.flag("onlyInputs")?;
                facet.each("subjects", |at| {
                    seen.subjects.push(at.name()?.into());
                    Ok(())
                })?;
                facet.each("read", |at| {
                    seen.read.push(at.name()?.into());
                    Ok(())
                })?;
                facet.entries("categories", |field, at| {
                    seen.tags
                        .push((Some(field.into()), "category".into(), at.name()?.into()));
                    Ok(())
                })?;
            }
            _ => event.unread.push(format!("dataset.{name}")),
        }
        Ok(())
    })?;
    for facets in ["inputFacets", "outputFacets"] {
        at.entries(facets, |name, facet| {
            facet.object()?;
            event.unread.push(format!("dataset.{name}"));
            Ok(())
        })?;
    }
    Ok(seen)
}

/// Nested deeper than this, columns are refused.
const NESTED_MAX: usize = 32;

/// The columns of a schema. A column that holds others is named by them: `address.zip`.
fn columns(at: &At<'_, '_>, before: &str, depth: usize, all: &mut Vec<Arc<str>>) -> Result<(), Refusal> {
    if depth > NESTED_MAX {
        return Err(at.refuse(
            ProblemCode::EventLimit,
            "columns are nested more than 32 deep",
            "flatten the schema",
        ));
    }
    at.each("fields", |field| {
        let name = field.need("name")?.name()?;
        let name = if before.is_empty() {
            name.to_owned()
        } else {
            format!("{before}.{name}")
        };
        let count = all.len();
        columns(&field, &name, depth + 1, all)?;
        if all.len() == count {
            all.push(name.into());
        }
        Ok(())
    })
}

fn change(facet: &At<'_, '_>) -> Result<Option<Change>, Refusal> {
    let at = facet.need("lifecycleStateChange")?;
    Ok(match at.text()? {
        "DROP" | "TRUNCATE" => Some(Change::Emptied),
        "OVERWRITE" => Some(Change::Overwritten),
        "RENAME" => facet
            .get("previousIdentifier")
            .map(|at| entity(&at, false).map(Change::RenamedFrom))
            .transpose()?,
        "ALTER" | "CREATE" => None,
        other => {
            return Err(at.refuse(
                ProblemCode::EventBadWord,
                format!("`{}` is no change of a dataset", clipped(other)),
                "use ALTER, CREATE, DROP, OVERWRITE, RENAME or TRUNCATE",
            ));
        }
    })
}
