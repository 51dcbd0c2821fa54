//! One state of the facts: ask it, judge it. It never changes.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::family::{Families, FamilyFacts, Reading};
use super::told::{Source, Version};
use super::{DbError, header, possible};
use crate::graph::{Cohorts, FieldNo, History, ProcessorNo, Replay, Things};
use crate::import::Document;
use crate::model::appendix::Appendix;
use crate::model::fact::{
    Act, Category, Fact, Field, Header, Mechanism, Processor, Purpose, Stated, Suppression,
};
use crate::model::finding::Finding;
use crate::model::id::{FieldId, SubjectId};
use crate::model::place::Place;
use crate::model::question::{Answer, Question};
use crate::model::recorded::{Horizon, RecordTime};
use crate::model::rule::Rule;
use crate::model::time::{Instant, Zone};
use crate::model::word::{Method, Section, Ties};
use crate::packs::{self, PackError};
use crate::question::{self, AskError, Judged, Scope};
use crate::rules::{self, Case};
use crate::store::{FORMAT, View};

/// One state of the facts.
#[derive(Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
    /// All that is on record, and what of it was known at other moments.
    whole: Arc<Inner>,
    others: Others,
    as_of: Instant,
    packs: Arc<Held>,
    /// What it may know, when it was asked for.
    known_at: Option<RecordTime>,
    found: Findings,
    acts_large: usize,
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
    source: Source,
    header: Option<Header>,
    things: Arc<Things>,
    cohorts: Cohorts,
    /// Facts that name no subject, or everyone, and re-identifications, in the order of the record.
    catalogue: Vec<Stated>,
    /// Anonymized fields and when somebody re-identified them.
    defeated: Vec<(FieldId, Instant)>,
    families: Mutex<Families>,
    /// Everyone, if there are acts for everyone: they are part of each subject's family.
    everyone: Option<SubjectId>,
    /// Processors asked about, and whether they ever gave data to anybody.
    senders: Mutex<FxHashMap<ProcessorNo, bool>>,
}

/// The same facts known up to other horizons, those that were asked about last.
type Others = Arc<Mutex<Vec<(Horizon, Arc<Inner>, Findings)>>>;

/// What was found last, newest at the end.
type Findings = Arc<Mutex<Vec<Found>>>;

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Facts, acts among them.
    pub facts: u64,
}

/// States of other horizons that are kept.
const OTHERS_MAX: usize = 8;

impl Inner {
    fn new(source: Source, header: Option<Header>) -> Result<Self, DbError> {
        let catalogue = source.catalogue()?;
        let things = match &header {
            Some(header) => Things::new(header.home.clone(), catalogue.iter().map(|stated| &stated.fact)),
            None => Things::default(),
        };
        Ok(Self {
            things: Arc::new(things),
            cohorts: Cohorts::new(catalogue.iter().map(|stated| &stated.fact)),
            defeated: defeated(catalogue.iter()),
            everyone: catalogue.iter().find_map(everyone_in),
            catalogue,
            header,
            families: Mutex::default(),
            senders: Mutex::default(),
            source,
        })
    }
}

/// Families with fewer acts are replayed as a whole.
const ACTS_LARGE: usize = 20_000;

impl Snapshot {
    /// A fact file without a store.
    ///
    /// # Panics
    /// Never: the facts of a document are in memory.
    pub fn of_document(document: Document) -> Self {
        let as_of = document.header.as_of;
        let source = Source::of_document(document.facts, Horizon::Stated(as_of));
        let inner = Inner::new(source, Some(document.header));
        Self::new(inner.expect("the facts of a document are in memory"), as_of)
    }

    /// A store after a commit. Cost: its catalogue is read.
    pub(super) fn of_view(view: View, as_of: Instant) -> Result<Self, DbError> {
        let header = view.header().map(|text| header::read(text, as_of)).transpose()?;
        let source = Source::of_view(view, Horizon::Stated(as_of))?;
        Ok(Self::new(Inner::new(source, header)?, as_of))
    }

    fn new(inner: Inner, as_of: Instant) -> Self {
        let inner = Arc::new(inner);
        Self {
            whole: Arc::clone(&inner),
            inner,
            others: Arc::default(),
            as_of,
            packs: Arc::default(),
            known_at: None,
            found: Arc::default(),
            acts_large: ACTS_LARGE,
        }
    }

    /// The same facts; families with at least so many acts are searched in columns when they are asked about reach,
    /// and not replayed as a whole. By default 20,000.
    #[must_use]
    pub fn in_columns_from(&self, acts: usize) -> Self {
        Self {
            acts_large: acts,
            ..self.clone()
        }
    }

    /// The same facts, for another instant.
    pub fn at(&self, as_of: Instant) -> Result<Self, DbError> {
        let inner = if self.inner.source.is_for(as_of)? {
            Arc::clone(&self.inner)
        } else {
            self.up_to(Horizon::Stated(as_of))?.0
        };
        Ok(Self {
            inner,
            as_of,
            found: Arc::default(),
            ..self.clone()
        })
    }

    /// The facts as they were known at a moment of the record; `None` gives the snapshot itself. Cost: the catalogue
    /// is read, unless the moment is among the last that were asked about.
    pub fn known_at(&self, moment: Option<RecordTime>) -> Result<Self, DbError> {
        let Some(moment) = moment else {
            return Ok(self.clone());
        };
        let (inner, found) = self.up_to(Horizon::Known(moment))?;
        Ok(Self {
            inner,
            known_at: Some(moment),
            found,
            ..self.clone()
        })
    }

    fn up_to(&self, horizon: Horizon) -> Result<(Arc<Inner>, Findings), DbError> {
        let others = || self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, inner, found)) = others().iter().find(|(other, ..)| *other == horizon) {
            return Ok((Arc::clone(inner), Arc::clone(found)));
        }
        let source = self.whole.source.up_to(horizon)?;
        let inner = Arc::new(Inner::new(source, self.whole.header.clone())?);
        let found = Findings::default();
        let mut others = others();
        if others.len() >= OTHERS_MAX {
            others.remove(0);
        }
        others.push((horizon, Arc::clone(&inner), Arc::clone(&found)));
        Ok((inner, found))
    }

    /// What it was asked to know at most.
    pub fn knows_until(&self) -> Option<RecordTime> {
        self.known_at
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
            ..self.clone()
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
        self.inner.source.view().map_or(0, View::sequence)
    }

    /// The hash chain up to that commit, 64 hexadecimal digits; empty for a fact file.
    pub fn head(&self) -> String {
        self.inner
            .source
            .view()
            .map_or_else(String::new, |view| hex(view.head()))
    }

    /// The format of the rows it is read from; of a fact file the one in which it would be stored.
    pub fn format(&self) -> u16 {
        let view = self.inner.source.view();
        view.map_or(FORMAT, |view| view.state().format)
    }

    /// Whether a store stands behind it.
    pub fn is_store(&self) -> bool {
        self.inner.source.view().is_some()
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

    /// How much there is. Cost: for a past commit, the commits up to it are read.
    pub fn counts(&self) -> Result<Counts, DbError> {
        Ok(Counts {
            facts: self.inner.source.count()?,
        })
    }

    /// Answers a question. Cost: one scan of the facts about its subject the first time, then linear in its acts; twice
    /// that when some of them only may have carried data.
    /// A judged question reads the facts about its subject, or all facts if it names none, each time.
    /// A question of reach about a large family in which nothing ends takes the time of two searches, back from where
    /// it asks to and forward from where it asks from, and of the acts that the first finds.
    ///
    /// The answer rests on what surely carried. What would be added if all that may have carried did, makes a `no` a
    /// `possible`, with a witness of its own, and is named beside a list.
    pub fn ask(&self, question: &Question, as_of: Option<Instant>) -> Result<Answer, DbError> {
        if let Some(as_of) = as_of.filter(|as_of| *as_of != self.as_of) {
            return self.at(as_of)?.ask(question, None);
        }
        let with_influence = matches!(question, Question::Reach(reach) if reach.influence);
        let reading = |with_possible| Reading {
            with_possible,
            with_influence,
        };
        let (answer, has_possible) = self.ask_under(question, reading(false))?;
        if !has_possible {
            return Ok(answer);
        }
        let (wider, _) = self.ask_under(question, reading(true))?;
        Ok(possible::joined(answer, wider))
    }

    fn ask_under(&self, question: &Question, reading: Reading) -> Result<(Answer, bool), DbError> {
        let header = self.header()?;
        if question.is_judged() {
            let answer = self.ask_judged(header, question, self.as_of)?;
            return Ok((answer, false));
        }
        let subject = question.subject();
        let whole = match subject {
            Some(subject) => self.family(subject, reading)?,
            None => self.everybody(question, reading)?,
        };
        let to = if let Question::Reach(reach) = question
            && subject.is_some()
            && question.ties() == Ties::Recorded
        {
            self.inner.things.processors().get(&reach.to)
        } else {
            None
        };
        let layout = to.and_then(|to| Some((to, whole.layout(self.acts_large)?)));
        let part = layout.map(|(to, layout)| whole.of_acts(&layout.needed(to)));
        let family: &FamilyFacts = part.as_ref().unwrap_or(&whole);
        let had = layout.map(|(_, layout)| {
            move |field: FieldNo, at: Option<ProcessorNo>, until: Instant| layout.had(field, at, until)
        });
        let record: Vec<&Act> = family.record.iter().collect();
        if question.ties() != Ties::Recorded {
            question::refuse_standing(&family.history, || {
                "another order than the recorded one".to_owned()
            })?;
        }
        let tied = (question.ties() != Ties::Recorded).then(|| {
            let history = family.history.with_ties(question.ties(), question.places());
            let replay = Replay::new(&history);
            (history, replay)
        });
        let (history, replay) = match &tied {
            Some((history, replay)) => (history, replay),
            None => (&family.history, family.replay()),
        };
        let answer = self.with_scope(
            header,
            (history, replay),
            &record,
            self.as_of,
            had.as_ref().map(|had| had as question::Had<'_>),
            |scope| question::ask(scope, question),
        )?;
        Ok((answer, family.has_possible))
    }

    fn ask_judged(&self, header: &Header, question: &Question, as_of: Instant) -> Result<Answer, DbError> {
        let facts = match question.subject() {
            Some(subject) => self.facts_about(subject)?,
            None => self.inner.source.everything()?.into_owned(),
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
        self.with_scope(
            header,
            (&case.history, &case.replay),
            &record,
            as_of,
            None,
            |scope| {
                let judged = Judged {
                    scope,
                    case: &case,
                    rules: &rules,
                };
                question::judge(&judged, question)
            },
        )
    }

    fn with_scope(
        &self,
        header: &Header,
        (history, replay): (&History, &Replay),
        record: &[&Act],
        as_of: Instant,
        had: Option<question::Had<'_>>,
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
            known_at: self.known_at,
            zone: &header.zone,
            sends: &sends,
            had,
        };
        let answer = answer(&scope)?;
        // What could not be read must not pass for "no".
        match failure.take() {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    /// The facts that name the subject, a cohort of it, everyone or nobody, in the order of the record; acts name the
    /// subject alone.
    fn facts_about(&self, subject: &SubjectId) -> Result<Vec<Stated>, DbError> {
        if !self.subject_exists(subject)? {
            return Err(AskError::UnknownSubject {
                id: subject.to_string(),
            }
            .into());
        }
        let names = self.names_of(subject);
        let concerns = |fact: &Fact| {
            let mut subjects = fact.subjects().iter();
            subjects.len() == 0 || subjects.any(|id| id.is_everyone() || names.contains(&id))
        };
        let mut facts = self.inner.source.about(&names, concerns)?;
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
        let (findings, appendix) = self.at(as_of)?.judge()?;
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

    fn judge(&self) -> Result<(Vec<Finding>, Appendix), DbError> {
        let Some(header) = &self.inner.header else {
            return Ok(Default::default());
        };
        let facts = self.inner.source.everything()?;
        let history = History::new(Arc::clone(&self.inner.things), facts.iter());
        let case = Case::new(header, self.as_of, history, &facts);
        Ok(rules::judge(&case, &self.rules()))
    }

    /// Looks at the facts as they are judged at this instant; `None` while a store is empty. Cost: all facts are read
    /// and replayed.
    pub fn with_case<T>(
        &self,
        as_of: Instant,
        look: impl FnOnce(&Case<'_>) -> T,
    ) -> Result<Option<T>, DbError> {
        self.with_own_case(as_of, None, |case| look(&case))
    }

    /// The same with a case of the looker's own, to be judged under other assumptions: of these facts about the same
    /// things, or of all.
    pub fn with_own_case<T>(
        &self,
        as_of: Instant,
        facts: Option<&[Stated]>,
        look: impl FnOnce(Case<'_>) -> T,
    ) -> Result<Option<T>, DbError> {
        let Some(header) = &self.inner.header else {
            return Ok(None);
        };
        let state = self.at(as_of)?;
        let facts = match facts {
            Some(facts) => Cow::Borrowed(facts),
            None => state.inner.source.everything()?,
        };
        let history = History::new(Arc::clone(&state.inner.things), facts.iter());
        Ok(Some(look(Case::new(header, as_of, history, &facts))))
    }

    /// Whether the same facts are known at this instant.
    pub fn is_same_at(&self, as_of: Instant) -> Result<bool, DbError> {
        self.inner.source.is_for(as_of)
    }

    /// All facts that stand, in the order of the record; what they corrected is gone. Cost: of a store, all are read.
    pub fn facts(&self) -> Result<Vec<Stated>, DbError> {
        let mut facts = self.inner.source.everything()?.into_owned();
        for stated in &mut facts {
            stated.recording.corrects = None;
        }
        Ok(facts)
    }

    /// All facts and their header, as if they stood in one file. Cost: all are read.
    pub fn document(&self) -> Result<Document, DbError> {
        self.document_of(self.facts()?)
    }

    /// These facts under the header of this state.
    pub fn document_of(&self, facts: Vec<Stated>) -> Result<Document, DbError> {
        Ok(Document {
            header: self.header()?.clone(),
            facts,
            open: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// The facts of a store as they were after this commit. Cost: all are read.
    pub fn document_at(&self, sequence: u64) -> Result<Document, DbError> {
        self.known_at(Some(RecordTime::Number(sequence)))?.document()
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
        let facts = self.inner.source.everything()?;
        Ok(facts
            .iter()
            .filter_map(|stated| {
                let id = stated.fact.id().filter(|id| ids.contains(id))?;
                Some((stated.fact.section(), id.to_owned(), stated.place.clone()))
            })
            .collect())
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

    /// What its facts speak of.
    pub(super) fn things(&self) -> &Arc<Things> {
        &self.inner.things
    }

    /// The cohorts that the subject belongs to.
    pub(super) fn cohorts_of(&self, subject: &SubjectId) -> Vec<&SubjectId> {
        self.inner.cohorts.of(subject)
    }

    /// What names no subject, or everyone, in the order of the record.
    pub(super) fn catalogue(&self) -> &[Stated] {
        &self.inner.catalogue
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
        Ok(self.inner.source.fact(Section::Subjects, id.as_str())?.is_some())
    }

    /// The act of this name and where it was stated.
    pub fn act(&self, id: &str) -> Result<Option<(Act, Option<Place>)>, DbError> {
        let found = self.inner.source.fact(Section::Events, id)?;
        Ok(found.and_then(|stated| {
            let Fact::Act(act) = stated.fact else { return None };
            Some((act, Some(stated.place)))
        }))
    }

    /// All records of a fact, in the order of the record: also those that were corrected, and what took it back.
    pub fn versions(&self, section: Section, id: &str) -> Result<Vec<Version>, DbError> {
        self.inner.source.versions(section, id)
    }

    /// The families of all subjects and of everyone together. Cost: all facts are read and replayed.
    fn everybody(&self, question: &Question, reading: Reading) -> Result<Arc<FamilyFacts>, DbError> {
        if question.ties() != Ties::Recorded {
            return Err(AskError::BadParameter {
                parameter: "ties".to_owned(),
                value: question.ties().as_str().to_owned(),
                expected: "ask about one subject, or in the recorded order".to_owned(),
            }
            .into());
        }
        let facts = self.inner.source.everything()?;
        let (things, cohorts) = (&self.inner.things, &self.inner.cohorts);
        Ok(Arc::new(FamilyFacts::of_all(things, cohorts, reading, &facts)))
    }

    /// Under which names acts are about the subject: its own, those of its cohorts, and everyone, if anything is done
    /// with everyone's data.
    fn names_of<'s>(&'s self, subject: &'s SubjectId) -> Vec<&'s SubjectId> {
        let everyone = self.inner.everyone.iter().filter(|everyone| *everyone != subject);
        std::iter::once(subject)
            .chain(self.inner.cohorts.of(subject))
            .chain(everyone)
            .collect()
    }

    fn family(&self, subject: &SubjectId, reading: Reading) -> Result<Arc<FamilyFacts>, DbError> {
        let key = (subject.clone(), reading);
        let families = || self.inner.families.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(family) = families().get(&key) {
            return Ok(family);
        }
        if !self.subject_exists(subject)? {
            return Err(AskError::UnknownSubject {
                id: subject.to_string(),
            }
            .into());
        }
        let names = self.names_of(subject);
        let facts = self.inner.source.family(&names)?;
        let family = FamilyFacts::new(&self.inner.things, subject, &names, reading, facts.iter());
        let family = Arc::new(family);
        families().keep(key, Arc::clone(&family));
        Ok(family)
    }

    /// Whether the processor ever gave data to anybody. Cost: one seek the first time.
    fn sends(&self, processor: ProcessorNo) -> Result<bool, DbError> {
        let mut senders = self.inner.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sends) = senders.get(&processor) {
            return Ok(*sends);
        }
        let name = self.inner.things.processors().id(processor).clone();
        let sends = self.inner.source.sends(&name)?;
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

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Everyone, if the fact is an act for everyone.
fn everyone_in(stated: &Stated) -> Option<SubjectId> {
    let subjects = stated.fact.subjects();
    let everyone = subjects.iter().find(|id| id.is_everyone());
    everyone.filter(|_| matches!(stated.fact, Fact::Act(_))).cloned()
}
