//! One state of the facts: ask it, judge it. It never changes.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::family::{Families, FamilyFacts};
use super::{DbError, header};
use crate::facts;
use crate::graph::{Cohorts, History, ProcessorNo, Replay, Things};
use crate::import::Document;
use crate::model::appendix::Appendix;
use crate::model::fact::{
    Act, Category, Fact, Field, Header, Mechanism, Processor, Purpose, Stated, Suppression,
};
use crate::model::finding::Finding;
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::place::Place;
use crate::model::question::{Answer, Question};
use crate::model::rule::Rule;
use crate::model::time::{Instant, Zone};
use crate::model::word::{ActKind, Method, Section, Ties};
use crate::packs::{self, PackError};
use crate::question::{self, AskError, Judged, Scope};
use crate::rules::{self, Case};
use crate::store::{Body, Record, View};

/// One state of the facts.
#[derive(Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
    as_of: Instant,
    packs: Arc<Held>,
    /// What was found last, newest at the end.
    found: Arc<Mutex<Vec<Found>>>,
}

/// The packs that facts are held to.
#[derive(Default)]
struct Held {
    /// Tells one choice of packs and parameters from another.
    key: String,
    /// Their rules, judged beside those on record.
    rules: Vec<Stated>,
}

/// The findings for one instant and one choice of packs, and what is told beside them.
#[derive(Clone)]
struct Found {
    as_of: Instant,
    packs: String,
    findings: Arc<Vec<Finding>>,
    appendix: Arc<Appendix>,
}

/// So many results are kept: those of several callers that page through their own choice of packs.
const FOUND_KEPT: usize = 4;

struct Inner {
    origin: Origin,
    header: Option<Header>,
    things: Arc<Things>,
    cohorts: Cohorts,
    /// Facts that name no subject, or everyone, in the order of the record.
    catalogue: Vec<Stated>,
    /// Anonymized fields and when somebody re-identified them.
    defeated: Vec<(FieldId, Instant)>,
    families: Mutex<Families>,
    /// Processors asked about, and whether they ever gave data to anybody.
    senders: Mutex<FxHashMap<ProcessorNo, bool>>,
}

enum Origin {
    /// A fact file: all its facts, in the order of the document.
    Document(Vec<Stated>),
    /// A store.
    Store(View),
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Facts, acts among them.
    pub facts: u64,
}

/// Records read at once when everything is read.
const WALK_ROWS: usize = 4096;

impl Snapshot {
    /// A fact file without a store.
    pub fn of_document(document: Document) -> Self {
        let as_of = document.header.as_of;
        let facts = document.facts;
        let things = Things::new(
            document.header.home.clone(),
            facts.iter().map(|stated| &stated.fact),
        );
        let catalogue = facts
            .iter()
            .filter(|stated| {
                let subjects = stated.fact.subjects();
                subjects.is_empty() || subjects.iter().any(SubjectId::is_everyone)
            })
            .cloned()
            .collect();
        Self::new(
            Inner {
                things: Arc::new(things),
                cohorts: Cohorts::new(facts.iter().map(|stated| &stated.fact)),
                catalogue,
                header: Some(document.header),
                defeated: defeated(facts.iter()),
                families: Mutex::default(),
                senders: Mutex::default(),
                origin: Origin::Document(facts),
            },
            as_of,
        )
    }

    /// A store after a commit. Cost: its catalogue is read.
    pub(super) fn of_view(view: View, as_of: Instant) -> Result<Self, DbError> {
        let header = view.header().map(|text| header::read(text, as_of)).transpose()?;
        let catalogue: Vec<Stated> = view
            .catalogue()?
            .into_iter()
            .map(stated)
            .collect::<Result<_, _>>()?;
        let things = match &header {
            Some(header) => Things::new(header.home.clone(), catalogue.iter().map(|stated| &stated.fact)),
            None => Things::default(),
        };
        Ok(Self::new(
            Inner {
                things: Arc::new(things),
                cohorts: Cohorts::new(catalogue.iter().map(|stated| &stated.fact)),
                defeated: defeated(catalogue.iter()),
                catalogue,
                header,
                families: Mutex::default(),
                senders: Mutex::default(),
                origin: Origin::Store(view),
            },
            as_of,
        ))
    }

    fn new(inner: Inner, as_of: Instant) -> Self {
        Self {
            inner: Arc::new(inner),
            as_of,
            packs: Arc::default(),
            found: Arc::default(),
        }
    }

    /// The same facts, for another instant.
    #[must_use]
    pub fn at(&self, as_of: Instant) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            as_of,
            packs: Arc::clone(&self.packs),
            found: Arc::default(),
        }
    }

    /// The same facts, held to these packs too. Fails when a parameter of a pack is bound to something that the
    /// facts do not declare.
    pub fn with_packs(&self, packs: &[packs::Bound]) -> Result<Self, PackError> {
        for pack in packs {
            if let Some(error) = pack.unknown(|section, id| self.declares(section, id)) {
                return Err(error);
            }
        }
        Ok(Self {
            inner: Arc::clone(&self.inner),
            as_of: self.as_of,
            packs: Arc::new(Held {
                key: format!(
                    "{:?}",
                    packs
                        .iter()
                        .map(|pack| (&pack.pack.name, &pack.values))
                        .collect::<Vec<_>>()
                ),
                rules: packs.iter().flat_map(|pack| pack.rules.iter().cloned()).collect(),
            }),
            found: Arc::clone(&self.found),
        })
    }

    /// Whether the facts declare a category, field, processor or purpose of this name; of other sections, no.
    pub fn declares(&self, section: Section, id: &str) -> bool {
        let things = &self.inner.things;
        (section == Section::Categories && things.categories().get(&id.into()).is_some())
            || (section == Section::Fields && things.fields().get(&id.into()).is_some())
            || (section == Section::Processors && things.processors().get(&id.into()).is_some())
            || (section == Section::Purposes && things.purposes().get(&id.into()).is_some())
    }

    /// The number of the last commit in it; 0 for a fact file.
    pub fn sequence(&self) -> u64 {
        match &self.inner.origin {
            Origin::Document(_) => 0,
            Origin::Store(view) => view.sequence(),
        }
    }

    /// The hash chain up to that commit, 64 hexadecimal digits; empty for a fact file.
    pub fn head(&self) -> String {
        match &self.inner.origin {
            Origin::Document(_) => String::new(),
            Origin::Store(view) => hex(view.head()),
        }
    }

    /// Whether a store stands behind it.
    pub fn is_store(&self) -> bool {
        matches!(self.inner.origin, Origin::Store(_))
    }

    /// The instant that questions are answered for when they name none.
    pub fn as_of(&self) -> Instant {
        self.as_of
    }

    /// What holds for all its facts; an empty store has none yet.
    pub fn header(&self) -> Result<&Header, DbError> {
        self.inner.header.as_ref().ok_or(DbError::Empty)
    }

    /// The time zone of its facts, for printing; UTC while a store is empty.
    ///
    /// # Panics
    /// Never: the bundled zone database has UTC.
    pub fn zone(&self) -> &Zone {
        static UTC: std::sync::OnceLock<Zone> = std::sync::OnceLock::new();
        match &self.inner.header {
            Some(header) => &header.zone,
            None => UTC.get_or_init(|| Zone::named("UTC").expect("the bundled zone database has UTC")),
        }
    }

    /// How much there is.
    pub fn counts(&self) -> Counts {
        let facts = match &self.inner.origin {
            Origin::Document(facts) => u64::try_from(facts.len()).unwrap_or(u64::MAX),
            Origin::Store(view) => view.facts(),
        };
        Counts { facts }
    }

    /// Answers a question. Cost: one scan of the facts about its subject the first time, then linear in its acts; a
    /// judged question reads the facts about its subject, or all facts if it names none, each time.
    pub fn ask(&self, question: &Question, as_of: Option<Instant>) -> Result<Answer, DbError> {
        let header = self.header()?;
        if question.is_judged() {
            return self.ask_judged(header, question, as_of.unwrap_or(self.as_of));
        }
        let Some(subject) = question.subject() else {
            return Err(AskError::NeedsJudging {
                kind: question.kind(),
            }
            .into());
        };
        let family = self.family(subject)?;
        let record: Vec<&Act> = family.record.iter().collect();
        let tied = (question.ties() != Ties::Recorded).then(|| {
            let history = family.history.with_ties(question.ties(), question.places());
            let replay = Replay::new(&history);
            (history, replay)
        });
        let (history, replay) = match &tied {
            Some((history, replay)) => (history, replay),
            None => (&family.history, &family.replay),
        };
        self.with_scope(
            header,
            history,
            replay,
            &record,
            as_of.unwrap_or(self.as_of),
            |scope| question::ask(scope, question),
        )
    }

    fn ask_judged(&self, header: &Header, question: &Question, as_of: Instant) -> Result<Answer, DbError> {
        let facts = match question.subject() {
            Some(subject) => self.facts_about(subject)?,
            None => match &self.inner.origin {
                Origin::Document(facts) => facts.clone(),
                Origin::Store(view) => everything(view)?,
            },
        };
        let history = History::new(Arc::clone(&self.inner.things), facts.iter());
        let case = Case::new(header, as_of, history, &facts);
        let mut record: Vec<&Act> = facts
            .iter()
            .filter_map(|stated| {
                if let Fact::Act(act) = &stated.fact {
                    Some(act)
                } else {
                    None
                }
            })
            .collect();
        record.sort_by_key(|act| act.at.start());
        let rules = self.rules();
        self.with_scope(header, &case.history, &case.replay, &record, as_of, |scope| {
            let judged = Judged {
                scope,
                case: &case,
                rules: &rules,
            };
            question::judge(&judged, question)
        })
    }

    fn with_scope(
        &self,
        header: &Header,
        history: &History,
        replay: &Replay,
        record: &[&Act],
        as_of: Instant,
        answer: impl FnOnce(&Scope<'_>) -> Result<Answer, AskError>,
    ) -> Result<Answer, DbError> {
        let mechanisms: Vec<&Mechanism> = self
            .inner
            .catalogue
            .iter()
            .filter_map(|stated| {
                if let Fact::Mechanism(mechanism) = &stated.fact {
                    Some(mechanism)
                } else {
                    None
                }
            })
            .collect();
        let failure: RefCell<Option<DbError>> = RefCell::new(None);
        let sends = |processor| {
            self.sends(processor).unwrap_or_else(|error| {
                failure.replace(Some(error));
                false
            })
        };
        let scope = Scope {
            history,
            replay,
            record,
            defeated: &self.inner.defeated,
            mechanisms: &mechanisms,
            as_of,
            zone: &header.zone,
            sends: &sends,
        };
        let answer = answer(&scope)?;
        // What could not be read must not pass for "no".
        match failure.take() {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    /// The facts that name the subject, a cohort of it or nobody, in the order of the record; acts name the subject alone.
    fn facts_about(&self, subject: &SubjectId) -> Result<Vec<Stated>, DbError> {
        if !self.subject_exists(subject)? {
            return Err(AskError::UnknownSubject {
                id: subject.to_string(),
            }
            .into());
        }
        let names: Vec<&SubjectId> = std::iter::once(subject)
            .chain(self.inner.cohorts.of(subject))
            .collect();
        // What is said of everyone holds for the subject too; acts about everyone are another family's.
        let is_of_everyone =
            |fact: &Fact| !matches!(fact, Fact::Act(_)) && fact.subjects().iter().any(SubjectId::is_everyone);
        let concerns = |fact: &Fact| {
            fact.subjects().is_empty()
                || is_of_everyone(fact)
                || fact.subjects().iter().any(|id| names.contains(&id))
        };
        let mut facts: Vec<Stated> = match &self.inner.origin {
            Origin::Document(facts) => facts
                .iter()
                .filter(|stated| concerns(&stated.fact))
                .cloned()
                .collect(),
            Origin::Store(view) => {
                let mut records = view.catalogue()?;
                for name in &names {
                    records.extend(view.family(name)?);
                }
                records.sort_unstable_by_key(|record| record.number);
                records.dedup_by_key(|record| record.number);
                let facts: Vec<Stated> = records.into_iter().map(stated).collect::<Result<_, _>>()?;
                facts
                    .into_iter()
                    .filter(|stated| concerns(&stated.fact))
                    .collect()
            }
        };
        for stated in &mut facts {
            if let Fact::Act(act) = &mut stated.fact {
                act.subjects = vec![subject.clone()];
            }
        }
        Ok(facts)
    }

    /// All findings, in their order, under the rules on record. Cost: all facts are read and judged; the last
    /// few results are kept.
    pub fn findings(&self, as_of: Option<Instant>) -> Result<Arc<Vec<Finding>>, DbError> {
        Ok(self.judged(as_of)?.findings)
    }

    /// What rule packs want told beside the findings. Cost: that of the findings, which are kept.
    pub fn appendix(&self, as_of: Option<Instant>) -> Result<Arc<Appendix>, DbError> {
        Ok(self.judged(as_of)?.appendix)
    }

    fn judged(&self, as_of: Option<Instant>) -> Result<Found, DbError> {
        let as_of = as_of.unwrap_or(self.as_of);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |kept: &&Found| kept.as_of == as_of && kept.packs == self.packs.key;
        if let Some(kept) = found.iter().find(is_it) {
            return Ok(kept.clone());
        }
        let (findings, appendix) = match &self.inner.origin {
            Origin::Document(facts) => self.judge(facts, as_of),
            Origin::Store(view) => self.judge(&everything(view)?, as_of),
        };
        if found.len() == FOUND_KEPT {
            found.remove(0);
        }
        let judged = Found {
            as_of,
            packs: self.packs.key.clone(),
            findings: Arc::new(findings),
            appendix: Arc::new(appendix),
        };
        found.push(judged.clone());
        Ok(judged)
    }

    fn judge(&self, facts: &[Stated], as_of: Instant) -> (Vec<Finding>, Appendix) {
        let Some(header) = &self.inner.header else {
            return Default::default();
        };
        let history = History::new(Arc::clone(&self.inner.things), facts.iter());
        let case = Case::new(header, as_of, history, facts);
        rules::judge(&case, &self.rules())
    }

    /// Looks at the facts as they are judged at this instant; `None` while a store is empty. Cost: all facts are read
    /// and replayed.
    pub fn with_case<T>(
        &self,
        as_of: Instant,
        look: impl FnOnce(&Case<'_>) -> T,
    ) -> Result<Option<T>, DbError> {
        let Some(header) = &self.inner.header else {
            return Ok(None);
        };
        let facts = self.facts()?;
        let history = History::new(Arc::clone(&self.inner.things), facts.iter());
        Ok(Some(look(&Case::new(header, as_of, history, &facts))))
    }

    /// All facts, in the order of the record. Cost: of a store, all are read.
    pub fn facts(&self) -> Result<Vec<Stated>, DbError> {
        match &self.inner.origin {
            Origin::Document(facts) => Ok(facts.clone()),
            Origin::Store(view) => everything(view),
        }
    }

    /// All facts and their header, as if they stood in one file. Cost: all are read.
    pub fn document(&self) -> Result<Document, DbError> {
        Ok(Document {
            header: self.header()?.clone(),
            facts: self.facts()?,
            open: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// The facts of a store as they were after this commit. Cost: all are read.
    pub fn document_at(&self, sequence: u64) -> Result<Document, DbError> {
        let mut document = self.document()?;
        if let Origin::Store(view) = &self.inner.origin {
            document.facts = upto(view, sequence)?;
        }
        Ok(document)
    }

    /// The rules on record, then those of the packs.
    pub fn rules(&self) -> Vec<&Rule> {
        self.stated_rules().into_iter().map(|(rule, _)| rule).collect()
    }

    /// The rules on record, then those of the packs, each with its place.
    pub fn stated_rules(&self) -> Vec<(&Rule, &Place)> {
        self.inner
            .catalogue
            .iter()
            .chain(&self.packs.rules)
            .filter_map(|stated| {
                if let Fact::Rule(rule) = &stated.fact {
                    Some((rule, &stated.place))
                } else {
                    None
                }
            })
            .collect()
    }

    /// The suppressions on record, each with its place.
    pub fn suppressions(&self) -> Vec<(&Suppression, &Place)> {
        self.inner
            .catalogue
            .iter()
            .filter_map(|stated| {
                if let Fact::Suppression(suppression) = &stated.fact {
                    Some((suppression, &stated.place))
                } else {
                    None
                }
            })
            .collect()
    }

    /// Where the facts of these names were stated, in the order of the record: several sections may use one name.
    /// Cost: all facts are read.
    pub fn places(&self, ids: &[&str]) -> Result<Vec<(Section, String, Place)>, DbError> {
        let pick = |facts: &[Stated]| {
            facts
                .iter()
                .filter_map(|stated| {
                    let id = stated.fact.id().filter(|id| ids.contains(id))?;
                    Some((stated.fact.section(), id.to_owned(), stated.place.clone()))
                })
                .collect()
        };
        match &self.inner.origin {
            Origin::Document(facts) => Ok(pick(facts)),
            Origin::Store(view) => Ok(pick(&everything(view)?)),
        }
    }

    /// All processors, in the order of the record.
    pub fn processors(&self) -> Vec<Processor> {
        self.choose(|fact| {
            if let Fact::Processor(x) = fact {
                Some(x)
            } else {
                None
            }
        })
        .into_iter()
        .cloned()
        .collect()
    }

    /// All fields, in the order of the record.
    pub fn fields(&self) -> Vec<Field> {
        self.choose(|fact| if let Fact::Field(x) = fact { Some(x) } else { None })
            .into_iter()
            .cloned()
            .collect()
    }

    /// All purposes, in the order of the record.
    pub fn purposes(&self) -> Vec<Purpose> {
        self.choose(|fact| {
            if let Fact::Purpose(x) = fact {
                Some(x)
            } else {
                None
            }
        })
        .into_iter()
        .cloned()
        .collect()
    }

    /// All categories, in the order of the record.
    pub fn categories(&self) -> Vec<Category> {
        self.choose(|fact| {
            if let Fact::Category(x) = fact {
                Some(x)
            } else {
                None
            }
        })
        .into_iter()
        .cloned()
        .collect()
    }

    fn choose<'s, T>(&'s self, of: impl Fn(&'s Fact) -> Option<&'s T>) -> Vec<&'s T> {
        self.inner
            .catalogue
            .iter()
            .filter_map(|stated| of(&stated.fact))
            .collect()
    }

    /// Whether there is a cohort of this name.
    pub fn has_cohort(&self, id: &SubjectId) -> bool {
        self.inner.cohorts.contains(id)
    }

    /// Whether there is such a subject; there always is everyone.
    pub fn subject_exists(&self, id: &SubjectId) -> Result<bool, DbError> {
        if id.is_everyone() {
            return Ok(true);
        }
        match &self.inner.origin {
            Origin::Document(facts) => Ok(facts
                .iter()
                .any(|stated| matches!(&stated.fact, Fact::Subject(subject) if subject.id == *id))),
            Origin::Store(view) => Ok(view.knows(Section::Subjects, &[id.as_str()])?.first() == Some(&true)),
        }
    }

    /// The act of this name and where it was stated.
    pub fn act(&self, id: &str) -> Result<Option<(Act, Option<Place>)>, DbError> {
        let found = match &self.inner.origin {
            Origin::Document(facts) => facts
                .iter()
                .find(|stated| stated.fact.section() == Section::Events && stated.fact.id() == Some(id))
                .cloned(),
            Origin::Store(view) => view.record(Section::Events, id)?.map(stated).transpose()?,
        };
        Ok(found.and_then(|stated| {
            let Fact::Act(act) = stated.fact else { return None };
            Some((act, Some(stated.place)))
        }))
    }

    fn family(&self, subject: &SubjectId) -> Result<Arc<FamilyFacts>, DbError> {
        let families = || self.inner.families.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(family) = families().get(subject) {
            return Ok(family);
        }
        if !self.subject_exists(subject)? {
            return Err(AskError::UnknownSubject {
                id: subject.to_string(),
            }
            .into());
        }
        let (things, cohorts) = (&self.inner.things, &self.inner.cohorts);
        let family = match &self.inner.origin {
            Origin::Document(facts) => FamilyFacts::new(things, subject, cohorts, facts.iter()),
            Origin::Store(view) => {
                let mut records = view.family(subject)?;
                for cohort in cohorts.of(subject) {
                    records.extend(view.family(cohort)?);
                }
                records.sort_unstable_by_key(|record| record.number);
                // A fact that names the subject and its cohort has a row in both families.
                records.dedup_by_key(|record| record.number);
                let facts: Vec<Stated> = records
                    .into_iter()
                    .filter(|record| matches!(record.section, Section::Subjects | Section::Events))
                    .map(stated)
                    .collect::<Result<_, _>>()?;
                FamilyFacts::new(things, subject, cohorts, facts.iter())
            }
        };
        let family = Arc::new(family);
        families().keep(subject.clone(), Arc::clone(&family));
        Ok(family)
    }

    /// Whether the processor ever gave data to anybody. Cost: one seek the first time.
    fn sends(&self, processor: ProcessorNo) -> Result<bool, DbError> {
        let mut senders = self.inner.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sends) = senders.get(&processor) {
            return Ok(*sends);
        }
        let name = self.inner.things.processors().id(processor).clone();
        let sends = match &self.inner.origin {
            Origin::Document(facts) => facts.iter().any(|stated| gives(&stated.fact, &name)),
            Origin::Store(view) => view.sends(&[name])?.first() == Some(&true),
        };
        senders.insert(processor, sends);
        Ok(sends)
    }
}

/// The inputs of re-identifications among the facts. A store has these acts in its catalogue: they speak about
/// everybody's data.
fn defeated<'f>(facts: impl Iterator<Item = &'f Stated>) -> Vec<(FieldId, Instant)> {
    let mut defeated = Vec::new();
    for stated in facts {
        if let Fact::Act(act) = &stated.fact
            && act.method == Some(Method::Reidentify)
        {
            defeated.extend(act.fields.iter().map(|field| (field.clone(), act.at.start())));
        }
    }
    defeated
}

/// Whether the fact is an act by which the processor gave data to somebody.
fn gives(fact: &Fact, processor: &ProcessorId) -> bool {
    let Fact::Act(act) = fact else { return false };
    let to_another = match &act.recipient {
        Some(to) => to != processor,
        None => act.kind == ActKind::Disclose,
    };
    act.actor == *processor && act.kind != ActKind::Collect && to_another
}

/// All facts of a store, in the order of the record.
fn everything(view: &View) -> Result<Vec<Stated>, DbError> {
    upto(view, view.sequence())
}

/// All facts of a store up to a commit, in the order of the record.
fn upto(view: &View, sequence: u64) -> Result<Vec<Stated>, DbError> {
    let mut facts = Vec::with_capacity(usize::try_from(view.facts()).unwrap_or(0));
    let mut from = None;
    loop {
        let walk = view.facts_from(from, WALK_ROWS)?;
        for record in walk.records {
            if record.number.sequence > sequence {
                return Ok(facts);
            }
            facts.push(stated(record)?);
        }
        match walk.next {
            Some(next) => from = Some(next),
            None => return Ok(facts),
        }
    }
}

/// A stored record as a fact.
fn stated(record: Record) -> Result<Stated, DbError> {
    match record.body {
        Body::Act(act) => Ok(Stated {
            fact: Fact::Act(act),
            place: record.place,
            item: record.item.unwrap_or_default().into_boxed_str(),
        }),
        Body::Item(text) => {
            let mut reading = facts::Reading::new("the store");
            let unreadable = |problem: String| DbError::Fact {
                section: record.section.as_str(),
                id: record.id.clone().unwrap_or_default(),
                problem,
            };
            let Some(node) = crate::import::json_line(&text, &mut reading) else {
                return Err(unreadable(
                    reading
                        .problems
                        .first()
                        .map_or_else(String::new, ToString::to_string),
                ));
            };
            facts::stored(record.section, &node, &record.place).map_err(|problems| {
                unreadable(problems.first().map_or_else(String::new, ToString::to_string))
            })
        }
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
