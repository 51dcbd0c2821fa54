//! Interim front door: the interface that `api` is written against, with a few canned facts behind it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

use crate::model::fact::{Act, Category, Field, Processor, Purpose};
use crate::model::finding::{Culprit, Finding, Step};
use crate::model::id::{FactId, ProcessorId};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::question::{Answer, Crossing, Found, Question, Reached, Reason};
use crate::model::time::{Instant, Zone};
use crate::model::word::{ActKind, ProcessorKind, Severity, State, Verdict};

/// What a commit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its number.
    pub sequence: u64,
    /// The hash chain after it.
    pub head: String,
    /// When.
    pub recorded: Instant,
    /// Facts in it.
    pub facts: u64,
    /// Acts in it.
    pub acts: u64,
    /// The key was used before: nothing was done, and this is the receipt of that commit.
    pub repeated: bool,
}

/// A commit, announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its number.
    pub sequence: u64,
    /// When.
    pub recorded: Instant,
    /// Facts in it.
    pub facts: u64,
    /// Acts in it.
    pub acts: u64,
}

/// Facts to be committed.
#[derive(Clone, Debug)]
pub struct Batch {
    facts: u64,
    /// Who commits.
    pub author: Option<String>,
    /// Committed once only.
    pub key: Option<String>,
}

impl Batch {
    /// Reads a document.
    pub fn read(text: &str, name: &str) -> Result<Self, Vec<Problem>> {
        if text.contains("events:") || text.contains("\"events\"") {
            Ok(Self {
                facts: 1,
                author: None,
                key: None,
            })
        } else {
            Err(vec![Problem {
                code: ProblemCode::Syntax,
                place: Place {
                    file: name.into(),
                    line: 1,
                    column: 1,
                },
                message: "no fact file".to_owned(),
                help: "begin with a section such as `events:`".to_owned(),
            }])
        }
    }
}

/// Why nothing was committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The document does not fit the store.
    #[error("the facts have problems")]
    Invalid(Vec<Problem>),
    /// The disk failed.
    #[error("the store cannot be written")]
    Store(#[source] std::io::Error),
}

impl CommitError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "FACT_INVALID",
            Self::Store(_) => "STORE_UNWRITABLE",
        }
    }
}

/// Why a question could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Unknown.
    #[error("unknown field `{0}`")]
    UnknownField(String),
    /// Unknown.
    #[error("unknown processor `{0}`")]
    UnknownProcessor(String),
    /// Unknown.
    #[error("unknown subject `{0}`")]
    UnknownSubject(String),
}

impl AskError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownField(_) => "ASK_UNKNOWN_FIELD",
            Self::UnknownProcessor(_) => "ASK_UNKNOWN_PROCESSOR",
            Self::UnknownSubject(_) => "ASK_UNKNOWN_SUBJECT",
        }
    }
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Facts, acts among them.
    pub facts: u64,
    /// Acts.
    pub acts: u64,
}

/// The front door.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<(u64, Vec<(String, Receipt)>)>,
    sender: broadcast::Sender<Committed>,
    zone: Zone,
}

/// A state of the facts.
#[derive(Clone)]
pub struct Snapshot {
    sequence: u64,
    zone: Zone,
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap_or(Instant::from_micros(0))
}

impl Db {
    /// Canned facts.
    pub fn canned() -> Self {
        let zone = Zone::named("Asia/Shanghai").expect("the zone is in the bundled database");
        Self {
            inner: Arc::new(Inner {
                state: Mutex::new((1, Vec::new())),
                sender: broadcast::channel(16).0,
                zone,
            }),
        }
    }

    /// The newest state.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            sequence: self.inner.state.lock().unwrap_or_else(PoisonError::into_inner).0,
            zone: self.inner.zone.clone(),
        }
    }

    /// Commits.
    pub fn commit(&self, batch: Batch) -> Result<Receipt, CommitError> {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &batch.key
            && let Some((_, receipt)) = state.1.iter().find(|(known, _)| known == key)
        {
            return Ok(Receipt {
                repeated: true,
                ..receipt.clone()
            });
        }
        state.0 += 1;
        let receipt = Receipt {
            sequence: state.0,
            head: format!("{:064x}", state.0),
            recorded: at("2025-06-30T00:00:00+08:00"),
            facts: batch.facts,
            acts: 1,
            repeated: false,
        };
        if let Some(key) = batch.key {
            state.1.push((key, receipt.clone()));
        }
        let _ = self.inner.sender.send(Committed {
            sequence: receipt.sequence,
            recorded: receipt.recorded,
            facts: receipt.facts,
            acts: receipt.acts,
        });
        Ok(receipt)
    }

    /// Every commit from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Committed> {
        self.inner.sender.subscribe()
    }
}

impl Snapshot {
    /// Number of the newest commit in it.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The hash chain there.
    pub fn head(&self) -> String {
        format!("{:064x}", self.sequence)
    }

    /// When standing facts are judged.
    pub fn as_of(&self) -> Instant {
        at("2025-06-30T00:00:00+08:00")
    }

    /// For printing.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Version of the format of the store.
    pub fn format_version(&self) -> u32 {
        1
    }

    /// How much there is.
    pub fn counts(&self) -> Counts {
        Counts {
            facts: 300 + self.sequence,
            acts: 120,
        }
    }

    /// Answers.
    pub fn ask(&self, question: &Question, as_of: Option<Instant>) -> Result<Answer, AskError> {
        if question.subject().as_str() != "lin" {
            return Err(AskError::UnknownSubject(question.subject().to_string()));
        }

        let found = match question {
            Question::Reach(question) => {
                if question.field.as_str() != "ride-fulfilment" {
                    return Err(AskError::UnknownField(question.field.to_string()));
                }
                if question.to.as_str() != "bank-east" {
                    return Err(AskError::UnknownProcessor(question.to.to_string()));
                }
                Found::Reach(Reached {
                    witness: vec![
                        step("ride-collect", ActKind::Collect),
                        step("bank-lin-1", ActKind::Share),
                    ],
                    arrivals: vec!["bank-lin-1".into()],
                    contradicted: Vec::new(),
                    boundary: vec!["bank-east".into()],
                })
            }
            Question::Holders { .. } => Found::Holders(vec!["alipay".into(), "bank-east".into()]),
            Question::Purposes { .. } => {
                Found::Purposes(vec![("bank-east".into(), "lending-decision".into())])
            }
            Question::Crossings { .. } => Found::Crossings(vec![
                Crossing::Act {
                    step: step("sg-1", ActKind::Share),
                    mechanisms: vec!["mx-1".into()],
                },
                Crossing::Move {
                    processor: "ride-hail".into(),
                    country: "SG".into(),
                    at: at("2024-01-01T00:00:00+08:00"),
                    fields: vec!["zhima-score".into()],
                },
            ]),
            Question::Downstream { .. } => Found::Downstream(vec![pair2("consumer-dept", "mobile")]),
            Question::Sources { .. } => {
                let (processor, field) = pair2("tmall", "tmall-orders");
                Found::Sources(vec![(processor, field, "tmall-collect".into())])
            }
        };
        Ok(Answer {
            verdict: Verdict::Yes,
            reasons: vec![Reason {
                code: "reached",
                text: "it is on record".to_owned(),
            }],
            found,
            as_of: as_of.unwrap_or_else(|| self.as_of()),
        })
    }

    /// All findings in their order.
    pub fn findings(&self, _as_of: Option<Instant>) -> Result<Arc<Vec<Finding>>, AskError> {
        let one = |rule: &str,
                   clause: &str,
                   severity,
                   reason: &str,
                   time: &str,
                   culprit: Culprit,
                   processor: &str| {
            Finding {
                rule: rule.into(),
                clause: clause.to_owned(),
                severity,
                reason: reason.to_owned(),
                at: at(time),
                culprit,
                processor: processor.into(),
                subjects: vec!["lin".into()],
                fields: vec!["mobile".into()],
                because: vec!["az-contest".to_owned()],
                witness: vec![
                    step("reg-lin", ActKind::Collect),
                    step("promo-to-lab", ActKind::Share),
                ],
                sentence: format!("{processor} broke {clause}"),
                fingerprint: blake3::hash(rule.as_bytes()).to_hex()[..32].to_owned(),
                place: None,
            }
        };
        let event = |id: &str| Culprit::Event(id.into());
        let mut findings = vec![
            one(
                "policy-published",
                "ZC-10.3",
                Severity::Warning,
                "effective-before-published",
                "2022-02-25T00:00:00+08:00",
                Culprit::Fact("zhima-v1".to_owned()),
                "zhima",
            ),
            one(
                "share-authorized",
                "ZC-5.1.1",
                Severity::Error,
                "withdrawn",
                "2023-09-15T09:00:00+08:00",
                event("bank-lin-2"),
                "zhima",
            ),
            one(
                "export-secrecy",
                "ZC-2.1c",
                Severity::Error,
                "confidentiality-expired",
                "2024-07-10T09:00:00+08:00",
                event("sg-3"),
                "zhima",
            ),
            one(
                "share-authorized",
                "ZC-5.1.1",
                Severity::Error,
                "none",
                "2024-08-20T09:00:00+08:00",
                event("promo-to-lab"),
                "promo-partner",
            ),
        ];
        for number in 2..=self.sequence {
            findings.push(one(
                &format!("rule-{number}"),
                "ZC-9",
                Severity::Note,
                "none",
                "2025-01-01T00:00:00+08:00",
                event("new"),
                "zhima",
            ));
        }
        Ok(Arc::new(findings))
    }

    /// All processors.
    pub fn processors(&self) -> Vec<Processor> {
        ["zhima", "bank-east", "alipay"]
            .map(|id| Processor {
                id: id.into(),
                kind: ProcessorKind::Controller,
                group: None,
                country: Some("CN".into()),
                moves: Vec::new(),
                safeguards: Vec::new(),
                lawful_source: true,
            })
            .to_vec()
    }

    /// All fields.
    pub fn fields(&self) -> Vec<Field> {
        ["mobile", "zhima-score", "ride-fulfilment"]
            .map(|id| Field {
                id: id.into(),
                categories: vec!["contact.phone".into()],
                state: State::Identified,
            })
            .to_vec()
    }

    /// All purposes.
    pub fn purposes(&self) -> Vec<Purpose> {
        vec![Purpose {
            id: "lending-decision".into(),
            parent: None,
            needs: None,
        }]
    }

    /// All categories.
    pub fn categories(&self) -> Vec<Category> {
        vec![Category {
            id: "contact.phone".into(),
            parent: Some("contact".into()),
            sensitive: false,
        }]
    }

    /// The rules of check `authorized`.
    pub fn authorized_rules(&self) -> Vec<FactId> {
        vec!["share-authorized".into()]
    }

    /// The act of this id.
    pub fn act(&self, id: &str) -> Option<(Act, Option<Place>)> {
        (id == "bank-lin-1").then(|| {
            let act = Act {
                id: id.into(),
                at: at("2023-02-01T09:00:00+08:00"),
                kind: ActKind::Share,
                actor: Some("zhima".into()),
                recipient: Some("bank-east".into()),
                source: None,
                subjects: vec!["lin".into()],
                fields: vec!["zhima-score".into(), "overdue-record".into()],
                purpose: Some("lending-decision".into()),
                makes: Vec::new(),
                method: None,
                location: None,
                safeguards: Vec::new(),
            };
            let place = Place {
                file: "zhima-credit.yaml".into(),
                line: 289,
                column: 5,
            };
            (act, Some(place))
        })
    }
}

fn pair2(processor: &str, field: &str) -> (ProcessorId, crate::model::id::FieldId) {
    (processor.into(), field.into())
}

fn step(act: &str, kind: ActKind) -> Step {
    Step {
        act: act.into(),
        at: at("2023-02-01T09:00:00+08:00"),
        kind,
        method: None,
        actor: Some("zhima".into()),
        recipient: Some("bank-east".into()),
        subjects: vec!["lin".into()],
        fields: vec!["mobile".into()],
        makes: Vec::new(),
        purpose: Some("lending-decision".into()),
        crossing: Some(("CN".into(), "SG".into())),
    }
}
