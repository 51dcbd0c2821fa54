//! `wherefore ask`: ask a question about one subject's data.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use super::exit::Exit;
use super::out::{out, outln};
use super::source::{self, Failure};
use crate::model::comparison::Moment;
use crate::model::id::SubjectId;
use crate::model::recorded::RecordTime;
use crate::model::time::Instant;
use crate::question::{self, Asked};
use crate::report::{comparison, json, text};

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Ask where data went, and what for.
///
/// Two forms: `ask KIND … --facts FILE | --store DIR` with one option for each parameter, and
/// `ask FACTS --question JSON`. Kinds:
///
///   reach             did the field, or anything made from it, reach --to? (--from, --through,
///                     --avoiding, --held-at, --during, --personal-only)
///   holders           who holds the field? (--at)
///   purposes          by whom and for which purposes was the field used?
///   crossings         what carried the subject's data over the border of home?
///   downstream        what exists downstream of the field as held by --from?
///   sources           from what is the field at --processor made, and where was that collected?
///   paths             did the field reach --to lawfully, unlawfully, or both ways? (--from)
///   unlawful          who passed the field on, or made something from it, without being allowed
///                     to, first on each chain, and who has it by way of that? (--from, --to)
///   cut               the fewest acts, and few relationships, without which the field would not
///                     have reached --to (--from)
///   withdrawal        which activities rest on one authorization alone; with --authorization: what
///                     breaks when it is withdrawn? (--subject, --at)
///   erasure           who must act when --subject asks --processor to delete, and by when?
///                     (--field, --at)
///   exposure          a breach at --processor: whose data, from where, who got it since, who must
///                     be told by when? (--during, --subject)
///   reidentification  who holds de-identified data together with its key, and which releases are
///                     known not to have been anonymous? (--subject)
///   unexplained       which flows on record have no explanation? (--subject)
///   held              who holds what about --subject, and from where? (--at)
///   activities        for which purposes was data used; was that authorized, and declared?
///                     (--field, --processor, --subject)
///   transfers         what crossed a border, and under which safeguards? (--processor, --subject)
///   minors            who has data of minors, and of people whose age is not known? (--processor,
///                     --subject, --at)
///   assessments       which risky activities were not assessed before, or too long ago?
///                     (--processor, --subject, --within-days)
///   decisions         does --field, a decision, descend from a protected attribute? (--category,
///                     --subject)
///   compare           what changed since --before-as-of, or in what was known since
///                     --before-known-at: copies held, authorizations in force, findings; with
///                     --subject, only what is about it
///
/// Every kind takes --as-known-at: answer by what was on record at that moment. Yes and no both
/// exit 0; a question that cannot be answered exits 2.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Ask {
    /// A kind of question, or else a fact file.
    #[arg(value_name = "KIND|FACTS")]
    first: Option<String>,
    /// Fact file to ask.
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Store to ask.
    #[arg(long, value_name = "DIR", conflicts_with = "facts")]
    store: Option<PathBuf>,
    /// The question as JSON, such as {"ask": "holders", "field": "…", "subject": "…"}.
    #[arg(long, value_name = "JSON")]
    question: Option<String>,
    /// Which data: a field.
    #[arg(long)]
    field: Option<String>,
    /// Whose data: a subject. Of reach, without one: did anybody's get there?
    #[arg(long)]
    subject: Option<String>,
    /// reach, paths, unlawful: as held by this processor; downstream: at this processor.
    #[arg(long, value_name = "PROCESSOR")]
    from: Option<String>,
    /// reach, paths, unlawful: whom it may have reached.
    #[arg(long, value_name = "PROCESSOR")]
    to: Option<String>,
    /// reach: only by way of this processor; may be given up to 4 times.
    #[arg(long, value_name = "PROCESSOR")]
    through: Vec<String>,
    /// reach: only by ways that this processor is no part of; may be given several times.
    #[arg(long, value_name = "PROCESSOR")]
    avoiding: Vec<String>,
    /// reach: only what was still held there at this instant.
    #[arg(long, value_name = "INSTANT")]
    held_at: Option<String>,
    /// reach: only what arrived in this window; exposure: what was held in it. `..` leaves a side open.
    #[arg(long, value_name = "FROM/UNTIL")]
    during: Option<String>,
    /// reach: only as personal data.
    #[arg(long)]
    personal_only: bool,
    /// reach: also by what carried no values and had a say in what came out (filters, joins, groups).
    #[arg(long)]
    influence: bool,
    /// Only by what was recorded up to then: an instant, or the number of a commit.
    #[arg(long, value_name = "MOMENT")]
    as_known_at: Option<String>,
    /// reach, holders, downstream, sources: how acts of one instant are taken: in the order of the record, in any order, or none
    /// before another [possible values: recorded, any, strict] [default: recorded].
    #[arg(long)]
    ties: Option<String>,
    /// holders, withdrawal, erasure, held, minors: at this instant.
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    /// sources, erasure, exposure, minors: at this processor; activities, assessments: by it; transfers: from or to it.
    #[arg(long)]
    processor: Option<String>,
    /// withdrawal: what is withdrawn.
    #[arg(long)]
    authorization: Option<String>,
    /// decisions: what is protected; may be given several times.
    #[arg(long)]
    category: Vec<String>,
    /// assessments: for how many days an assessment is good [default: as the rules on record say].
    #[arg(long, value_name = "DAYS")]
    within_days: Option<String>,
    /// compare: what held at this instant [default: --as-of].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    before_as_of: Option<Instant>,
    /// compare: by what was on record at this moment, an instant or the number of a commit [default: --as-known-at].
    #[arg(long, value_name = "MOMENT", value_parser = source::moment)]
    before_known_at: Option<RecordTime>,
    /// Answer for this instant [default: the file's `as_of`; for a store, now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    as_of: Option<Instant>,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
}

impl Ask {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        if self.first.as_deref() == Some("compare") {
            return self.compare();
        }
        if self.before_as_of.is_some() || self.before_known_at.is_some() {
            return Err(Failure::Usage(
                "--before-as-of and --before-known-at go with `ask compare`".to_owned(),
            ));
        }
        let (asked, facts) = self.question()?;
        let question = asked.question;
        let snapshot = source::snapshot(facts.as_deref(), self.store.as_deref(), self.as_of)?
            .known_at(asked.as_known_at)?;
        let answer = snapshot.ask(&question, None)?;
        match self.format {
            OutputFormat::Json => {
                let ground = source::ground(&snapshot, answer.as_of);
                outln!("{:#}", json::answer(&question, &answer, &ground));
            }
            OutputFormat::Text => {
                let style = source::style();
                out!("{}", text::answer(&answer, snapshot.zone(), style));
                out!("as of {}", snapshot.zone().print(answer.as_of));
                match asked.as_known_at {
                    Some(RecordTime::At(at)) => out!(", as known at {}", snapshot.zone().print(at)),
                    Some(RecordTime::Number(number)) => out!(", as known at {number}"),
                    None => {}
                }
                if snapshot.is_store() {
                    out!(", commit {}", snapshot.sequence());
                }
                outln!("");
            }
        }
        Ok(Exit::Clean)
    }

    fn compare(&self) -> Result<Exit, Failure> {
        let known_at = self.as_known_at.as_deref().map(source::moment).transpose();
        let known_at = known_at.map_err(|why| Failure::Usage(format!("--as-known-at: {why}")))?;
        if self.before_as_of.is_none() && self.before_known_at.is_none() {
            return Err(Failure::Usage(
                "say what to compare with: --before-as-of INSTANT, --before-known-at MOMENT, or both"
                    .to_owned(),
            ));
        }
        let snapshot = source::snapshot(self.facts.as_deref(), self.store.as_deref(), self.as_of)?;
        let after = Moment {
            as_of: snapshot.as_of(),
            known_at,
        };
        let before = Moment {
            as_of: self.before_as_of.unwrap_or(after.as_of),
            known_at: self.before_known_at.or(known_at),
        };
        let subject = self.subject.as_deref().map(SubjectId::from);
        let comparison = snapshot.compare(before, after, subject.as_ref())?;
        match self.format {
            OutputFormat::Json => {
                let ground = source::ground(&snapshot, after.as_of);
                outln!("{:#}", json::comparison(&comparison, &ground));
            }
            OutputFormat::Text => out!("{}", comparison::text(&comparison, snapshot.zone())),
        }
        Ok(Exit::Clean)
    }

    /// The question, and the fact file if one is named.
    fn question(&self) -> Result<(Asked, Option<PathBuf>), Failure> {
        let kind = self
            .first
            .as_deref()
            .filter(|first| question::KINDS.contains(first));
        let facts = match (&self.first, kind) {
            (Some(first), None) => {
                let is_misspelled =
                    self.question.is_none() && (self.store.is_some() || !Path::new(first).exists());
                if self.facts.is_some() || is_misspelled {
                    return Err(question::AskError::UnknownKind { kind: first.clone() }.into());
                }
                Some(Path::new(first).to_owned())
            }
            (_, _) => self.facts.clone(),
        };
        let Some(kind) = kind else {
            let Some(text) = &self.question else {
                return Err(Failure::Usage(format!(
                    "say what is asked: one of {}, or --question JSON",
                    question::KINDS.join(", ")
                )));
            };
            return Ok((question::read(text)?, facts));
        };
        if self.question.is_some() {
            return Err(Failure::Usage(
                "give a kind of question or --question, not both".to_owned(),
            ));
        }
        let mut map = Map::new();
        map.insert("ask".to_owned(), kind.into());
        let parameters = [
            ("field", &self.field),
            ("subject", &self.subject),
            ("from", &self.from),
            ("to", &self.to),
            ("held_at", &self.held_at),
            ("during", &self.during),
            ("ties", &self.ties),
            ("as_known_at", &self.as_known_at),
            ("at", &self.at),
            ("processor", &self.processor),
            ("authorization", &self.authorization),
            ("within_days", &self.within_days),
        ];
        for (name, value) in parameters {
            if let Some(value) = value {
                map.insert(name.to_owned(), value.as_str().into());
            }
        }
        for (name, values) in [
            ("through", &self.through),
            ("avoiding", &self.avoiding),
            ("category", &self.category),
        ] {
            if !values.is_empty() {
                map.insert(name.to_owned(), values.clone().into());
            }
        }
        for (name, is_given) in [
            ("personal_only", self.personal_only),
            ("influence", self.influence),
        ] {
            if is_given {
                map.insert(name.to_owned(), true.into());
            }
        }
        Ok((question::read(&Value::from(map).to_string())?, facts))
    }
}
