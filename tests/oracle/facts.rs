//! The facts of a file (docs/fact-file.md), as the tables of the page list them. `reading` fills them.

pub use super::reading::read;
pub use super::scalars::{flag, hours, instant, integer, list, text};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::Value;

pub type Id = String;
/// Microseconds since the epoch, UTC.
pub type Instant = i64;

pub const HOUR: i64 = 3_600_000_000;
pub const DAY: i64 = 24 * HOUR;

#[derive(Clone)]
pub struct Facts {
    pub as_of: Instant,
    pub timezone: TimeZone,
    pub home: String,
    pub minor_age: i64,
    pub calendar: Calendar,
    pub subjects: Vec<Subject>,
    pub cohorts: Vec<Cohort>,
    pub categories: Vec<Category>,
    pub fields: Vec<Field>,
    pub processors: Vec<Processor>,
    pub purposes: Vec<Purpose>,
    pub authorizations: Vec<Authorization>,
    pub choices: Vec<Choice>,
    pub agreements: Vec<Agreement>,
    pub mechanisms: Vec<Mechanism>,
    pub assessments: Vec<Assessment>,
    pub retention_periods: Vec<RetentionPeriod>,
    pub notices: Vec<Notice>,
    pub policies: Vec<Policy>,
    pub requests: Vec<Request>,
    pub closures: Vec<Closure>,
    pub incidents: Vec<Incident>,
    pub audits: Vec<Audit>,
    pub terminations: Vec<Termination>,
    pub evidence: Vec<Evidence>,
    pub compatibility: Vec<Compatibility>,
    /// In the order of docs/checks.md 1: instant, then position in the file. An index into this list is an act's place in the order.
    pub events: Vec<Event>,
    /// The same as the file has them: `events` may hold them as they are judged.
    pub record: Vec<Event>,
    pub rules: Vec<Rule>,
}

#[derive(Clone)]
pub struct Calendar {
    pub weekend: Vec<String>,
    pub holidays: Vec<Date>,
    pub extra_workdays: Vec<Date>,
}

#[derive(Clone)]
pub struct Subject {
    pub id: Id,
    pub born: Option<Date>,
    pub died: Option<Instant>,
    pub arranged: bool,
}

/// docs/fact-file.md 4: some subjects under one name.
#[derive(Clone)]
pub struct Cohort {
    pub id: Id,
    pub members: Vec<Id>,
}

pub const EVERYONE: &str = "everyone";

impl Facts {
    /// "unfolded before judging": each cohort of a list is its members; each subject once, in the order of first mention.
    pub fn unfold(&self, names: &[Id]) -> Vec<Id> {
        let mut out: Vec<Id> = Vec::new();
        for name in names {
            let members = match self.cohorts.iter().find(|c| c.id == *name) {
                Some(cohort) => cohort.members.clone(),
                None => vec![name.clone()],
            };
            for member in members {
                if !out.contains(&member) {
                    out.push(member);
                }
            }
        }
        out
    }

    /// "folded again where all members are in a finding": the largest cohorts first, in file order if equally large; one
    /// whose members are all named by larger ones is left out.
    pub fn fold(&self, subjects: Vec<Id>) -> Vec<Id> {
        let mut cohorts: Vec<&Cohort> = self.cohorts.iter().collect();
        cohorts.sort_by_key(|c| usize::MAX - c.members.len()); // a stable sort
        let (mut names, mut covered): (Vec<Id>, Vec<Id>) = (Vec::new(), Vec::new());
        for cohort in cohorts {
            let whole = cohort.members.iter().all(|m| subjects.contains(m));
            let news = cohort.members.iter().any(|m| !covered.contains(m));
            if whole && news {
                names.push(cohort.id.clone());
                covered.extend(cohort.members.clone());
            }
        }
        names.extend(subjects.into_iter().filter(|s| !covered.contains(s)));
        names.sort();
        names
    }
}

#[derive(Clone)]
pub struct Category {
    pub id: Id,
    pub parent: Option<Id>,
    pub sensitive: bool,
}

#[derive(Clone)]
pub struct Field {
    pub id: Id,
    pub categories: Vec<Id>,
    pub state: String,
    pub strictly_needed: bool,
}

#[derive(Clone)]
pub struct Move {
    pub at: Instant,
    pub country: Option<String>,
    pub inside: Option<Id>,
}

#[derive(Clone)]
pub struct Processor {
    pub id: Id,
    pub kind: String,
    pub group: Option<String>,
    pub country: Option<String>,
    pub inside: Option<Id>,
    pub moves: Vec<Move>,
    pub safeguards: Vec<String>,
    /// Only the text `false` makes this false.
    pub lawful_source: bool,
    pub safeguard_periods: Vec<SafeguardPeriod>,
    pub ceased: Option<Instant>,
    pub accesses: Vec<Access>,
}

#[derive(Clone)]
pub struct SafeguardPeriod {
    pub safeguard: String,
    pub from: Instant,
    pub until: Option<Instant>,
}

#[derive(Clone)]
pub struct Access {
    pub role: String,
    pub fields: Vec<Id>,
    pub purposes: Vec<Id>,
}

#[derive(Clone)]
pub struct Purpose {
    pub id: Id,
    pub parent: Option<Id>,
    /// None = no statement, an empty list = nothing is needed.
    pub needs: Option<Vec<Id>>,
    pub ended: Option<Instant>,
}

#[derive(Clone)]
pub struct Authorization {
    pub id: Id,
    pub basis: String,
    pub grade: String,
    pub given_by: String,
    pub subjects: Vec<Id>,
    pub holder: Vec<Id>,
    pub acts: Vec<String>,
    pub recipients: Vec<Id>,
    pub fields: Vec<Id>,
    pub categories: Vec<Id>,
    pub purposes: Vec<Id>,
    pub from: Instant,
    pub until: Option<Instant>,
    pub withdrawn: Option<Instant>,
    pub condition_of: Option<Id>,
    pub alternative: Option<String>,
    pub evidence: Option<String>,
    pub notice: Option<String>,
    /// `manner`: by going on, or by silence.
    pub implied: bool,
    pub service: Option<Id>,
    pub citation: Option<String>,
}

#[derive(Clone)]
pub struct Choice {
    pub id: Id,
    pub subject: Id,
    pub processor: Id,
    pub purpose: Id,
    pub at: Instant,
    pub by: String,
}

#[derive(Clone)]
pub struct Agreement {
    pub id: Id,
    pub kind: String,
    pub principal: Option<Id>,
    pub delegate: Option<Id>,
    pub fields: Vec<Id>,
    pub purposes: Vec<Id>,
    pub from: Instant,
    pub until: Option<Instant>,
    pub written: bool,
    pub subdelegation_allowed: bool,
    pub subdelegates: Vec<Id>,
    pub between: Vec<Id>,
}

#[derive(Clone)]
pub struct Mechanism {
    pub id: Id,
    pub from_processor: Id,
    pub to_processor: Option<Id>,
    pub to_country: Option<String>,
    pub from: Instant,
    pub until: Option<Instant>,
}

#[derive(Clone)]
pub struct Assessment {
    pub id: Id,
    pub kind: String,
    pub processor: Id,
    pub covers: Vec<String>,
    pub purposes: Vec<Id>,
    pub recipient: Option<Id>,
    pub at: Instant,
}

#[derive(Clone)]
pub struct RetentionPeriod {
    pub processor: Id,
    pub fields: Vec<Id>,
    pub days: Option<i64>,
}

#[derive(Clone)]
pub struct Notice {
    pub kind: String,
    pub processor: Id,
    /// Who gets the data, of an assignment.
    pub to: Option<Id>,
    pub subjects: Vec<Id>,
    pub at: Instant,
    pub policy: Option<Id>,
}

#[derive(Clone)]
pub struct Policy {
    pub id: Id,
    pub processor: Id,
    pub effective: Instant,
    pub published: Option<Instant>,
    pub major_changes: Vec<String>,
    pub announced: Option<Instant>,
    /// None = the version does not say what is done.
    pub declares: Option<Vec<Declared>>,
    pub rights: Vec<String>,
    pub services: Vec<Id>,
}

/// docs/fact-file.md 6, "What a policy declares".
#[derive(Clone)]
pub struct Declared {
    pub fields: Vec<Id>,
    pub categories: Vec<Id>,
    pub purposes: Vec<Id>,
    pub acts: Vec<String>,
    pub recipients: Vec<Id>,
}

#[derive(Clone)]
pub struct Request {
    pub id: Id,
    pub kind: Option<String>,
    pub by: String,
    pub verified: Option<Instant>,
    pub subject: Id,
    pub processor: Id,
    pub fields: Vec<Id>,
    pub at: Instant,
    pub answered: Option<Instant>,
    pub outcome: Option<String>,
    pub reason: Option<String>,
}

#[derive(Clone)]
pub struct Closure {
    pub id: Id,
    pub subject: Id,
    pub processor: Id,
    pub at: Instant,
    pub clear_within_days: i64,
    pub keep: Vec<Id>,
}

#[derive(Clone)]
pub struct Incident {
    pub id: Id,
    pub processor: Id,
    pub known: Instant,
    pub fields: Vec<Id>,
    pub subjects: Vec<Id>,
    pub regulator_told: Option<Instant>,
    pub platform_told: Option<Instant>,
    pub subjects_told: Vec<(Id, Instant)>,
    pub suspected: Option<Instant>,
    pub found_by: Option<Id>,
    pub contents: Vec<String>,
    pub channel: Option<String>,
}

#[derive(Clone)]
pub struct Remedy {
    pub id: Id,
    pub due: Instant,
    pub done: Option<Instant>,
}

#[derive(Clone)]
pub struct Audit {
    pub id: Id,
    pub by: Id,
    pub of: Id,
    pub notified: Option<Instant>,
    pub at: Instant,
    pub remedies: Vec<Remedy>,
    pub independent: bool,
    pub refused: bool,
}

#[derive(Clone)]
pub struct Termination {
    pub id: Id,
    pub by: Id,
    pub of: Id,
    pub at: Instant,
}

#[derive(Clone)]
pub struct Compatibility {
    pub id: Id,
    pub from: Id,
    pub to: Id,
    pub states: Vec<String>,
}

#[derive(Clone)]
pub struct Evidence {
    pub id: Id,
    pub processor: Id,
    pub kind: String,
    pub from: Instant,
    pub until: Option<Instant>,
}

/// One act (docs/fact-file.md 7). Only the keys of the act's own row are read.
#[derive(Clone)]
pub struct Event {
    pub id: Id,
    /// Of a standing act: its beginning.
    pub at: Instant,
    /// Of a standing act: Some(its end, if it has one).
    #[expect(
        clippy::option_option,
        reason = "an end that is not there is another thing than no standing act"
    )]
    pub standing: Option<Option<Instant>>,
    /// It stands for one instant of a standing act.
    pub is_moment: bool,
    pub act: String,
    /// The column "actor": `to` of a collect, `by` of derive, use, store, correct, restrict, delete, `from` of the others.
    pub actor: Id,
    /// The column "recipient": `to` of share, verify, disclose, delegate, assign.
    pub recipient: Option<Id>,
    /// The key `from`, of the acts that have it.
    pub from: Option<Id>,
    /// The key `to`, of the acts that have it (a collect too).
    pub to: Option<Id>,
    pub source: Option<Id>,
    pub subjects: Vec<Id>,
    pub fields: Vec<Id>,
    pub purpose: Option<Id>,
    pub safeguards: Vec<String>,
    pub makes: Vec<Id>,
    pub method: Option<String>,
    pub location: Option<String>,
    /// docs/checks.md 1.6: it is inward and judged as a use; its kind and its `to` in the file.
    pub inward: Option<(String, Id)>,
    /// Of a correct: the right value.
    pub value: Option<String>,
    /// Of a restrict.
    pub lift: bool,
}

/// docs/fact-file.md 7: the parameters stay as they stand in the file and are read by the check.
#[derive(Clone)]
pub struct Rule {
    pub id: Id,
    pub check: String,
    pub clause: String,
    pub severity: String,
    pub parameters: Value,
}
