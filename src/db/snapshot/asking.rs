//! How a question is answered: which facts it needs, in which history, and who is told what beside them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use super::super::family::FamilyFacts;
use super::super::flows::Search;
use super::super::processors::on_all_processors;
use super::super::reading::Reading;
use super::super::{DbError, possible};
use super::Snapshot;
use super::anybody::{Anybody, Each};
use super::large::{Common, Large};
use crate::graph::{ActNo, History, ProcessorNo, Replay, moments};
use crate::model::fact::{Act, Fact, Mechanism, Stated};
use crate::model::id::SubjectId;
use crate::model::question::{Answer, Question, ReachQuestion};
use crate::model::time::Instant;
use crate::model::word::Ties;
use crate::question::{self, Alike, AskError, Judged, Record, Scope};
use crate::rules::Case;

/// What a question is told beside the acts and their copies.
#[derive(Clone, Copy)]
struct Beside<'a> {
    record: Record<'a>,
    had: &'a [ProcessorNo],
    alike: Option<&'a Alike>,
}

impl Beside<'_> {
    const NOTHING: Self = Self {
        record: Record::Facts(&[]),
        had: &[],
        alike: None,
    };
}

impl Snapshot {
    /// Answers a question. Cost: one scan of the facts about its subject the first time, then linear in its acts; twice
    /// that when some of them only may have carried data.
    /// A judged question reads and replays the facts about its subject each time; about everyone, or all facts if it names nobody,
    /// the first time in each state: what it was asked of is kept until another state or family of these is asked about, or a commit comes.
    /// So it is with one of reach that names nobody, which then replays the acts that bear on its field.
    /// A question of reach about a large family takes the time of a search forward from where it asks from, and no more where
    /// that does not come to where it asks to; else of one back from there too, and of the acts that this finds: of a store these
    /// alone are read. So it is of one about what a field is made from or what is made from it, with a search back from there; of who
    /// holds or uses it, with one chain of acts for each; and of crossings, with a look at every flow.
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
        let large = self.large(question, reading(false))?;
        let search = large.as_ref().and_then(|large| large.search(None));
        let large = large.as_ref().zip(search.as_ref());
        let Some((answer, has_possible)) = self.ask_under(question, large, reading(false))? else {
            return self.ask_in_placements(question);
        };
        if !has_possible {
            return Ok(answer);
        }
        let wider = self.ask_under(question, large, reading(true))?;
        Ok(match wider {
            Some((wider, _)) => possible::joined(answer, wider),
            None => answer,
        })
    }

    /// The answer, and whether acts that only may have carried are left out; nothing when acts of uncertain times have
    /// to be placed first.
    fn ask_under(
        &self,
        question: &Question,
        large: Option<(&Large, &Search<'_>)>,
        reading: Reading,
    ) -> Result<Option<(Answer, bool)>, DbError> {
        if question.is_judged() {
            let answer = self.ask_judged(question, self.as_of)?;
            return Ok(answer.map(|answer| (answer, false)));
        }
        let is_recorded = question.ties() == Ties::Recorded;
        let part = match large {
            Some(large) => self.part_in_store(question, large, reading)?,
            None => None,
        };
        let (family, had) = if let Some((family, had)) = part {
            (Arc::new(family), had)
        } else {
            let Some(subject) = question.subject() else {
                return self.ask_about_anybody(question, reading);
            };
            let whole = self.family(subject, reading)?;
            let has_uncertain = whole.has_uncertain
                || self.inner.has_uncertain_nesting
                || (matches!(question, Question::Crossings { .. }) && self.inner.has_uncertain_crossings);
            if has_uncertain && !self.inner.source.is_placed() {
                return Ok(None);
            }
            let part = if let (Question::Reach(reach), true) = (question, is_recorded) {
                self.part_of(reach, subject, &whole)?
            } else {
                None
            };
            part.map_or((whole, Vec::new()), |(part, had)| (Arc::new(part), had))
        };
        let record: Vec<&Act> = family.record.iter().collect();
        let other = if question.ties() == Ties::Recorded {
            spelled_for_reach(question, &family.history, family.replay())?
        } else {
            Some(ordered(question, &family.history)?)
        };
        let other = other.map(|history| {
            let replay = Replay::new(&history);
            (history, replay)
        });
        let (history, replay) = match &other {
            Some((history, replay)) => (history, replay),
            None => (&family.history, family.replay()),
        };
        let beside = Beside {
            record: Record::Facts(&record),
            had: &had,
            alike: None,
        };
        let answer = self.with_scope((history, replay), beside, self.as_of, |scope| {
            question::ask(scope, question)
        })?;
        Ok(Some((answer, family.has_possible)))
    }

    /// The same for a question that names nobody.
    fn ask_about_anybody(
        &self,
        question: &Question,
        reading: Reading,
    ) -> Result<Option<(Answer, bool)>, DbError> {
        let Question::Reach(reach) = question else {
            return Err(AskError::MissingParameter {
                kind: question.kind(),
                parameter: "subject",
            }
            .into());
        };
        if question.ties() != Ties::Recorded {
            return Err(AskError::BadParameter {
                parameter: "ties".to_owned(),
                value: question.ties().as_str().to_owned(),
                expected: "ask about one subject, or in the recorded order".to_owned(),
            }
            .into());
        }
        let together = match self.anybody(reach, reading)? {
            None => return Ok(None),
            Some(Anybody::Each(each)) => return self.ask_about_each(reach, &each, reading),
            Some(Anybody::Together(together)) => together,
        };
        let (history, replay) = (&together.history, &together.replay);
        let spelled = spelled_for_reach(question, history, replay)?.map(|history| {
            let replay = Replay::new(&history);
            (history, replay)
        });
        let asked = spelled
            .as_ref()
            .map_or((history, replay), |(history, replay)| (history, replay));
        let beside = Beside {
            record: Record::Numbered(history),
            had: &[],
            alike: together.alike.as_ref(),
        };
        let answer = self.with_scope(asked, beside, self.as_of, |scope| question::ask(scope, question))?;
        Ok(Some((answer, together.has_possible)))
    }

    /// The same, one person after the other, on all processors.
    fn ask_about_each(
        &self,
        reach: &ReachQuestion,
        each: &Each,
        reading: Reading,
    ) -> Result<Option<(Answer, bool)>, DbError> {
        let common = self.in_common(reach, reading)?;
        let next = AtomicUsize::new(0);
        let some = on_all_processors(|| {
            let mut answers = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(person) = each.persons.get(place) else {
                    return Ok(Some(answers));
                };
                let Some(answer) = self.ask_about(person, reach, reading, common.as_ref())? else {
                    return Ok(None);
                };
                answers.push((place, answer));
            }
        })?;
        let Some(some) = some.into_iter().collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let mut answers: Vec<(usize, Answer)> = some.into_iter().flatten().collect();
        answers.sort_by_key(|(place, _)| *place);
        let answers: Vec<(&SubjectId, Answer)> = answers
            .into_iter()
            .map(|(place, answer)| (&each.persons[place], answer))
            .collect();
        let zone = &self.header()?.zone;
        let answer = question::together(zone, reach, &answers, each.alike.as_ref(), each.order());
        Ok(answer.map(|answer| (answer, each.has_possible)))
    }

    /// The answer for one of them, under a reading, beside what all have in common.
    fn ask_about(
        &self,
        person: &SubjectId,
        reach: &ReachQuestion,
        reading: Reading,
        common: Option<&Common>,
    ) -> Result<Option<Answer>, DbError> {
        let question = Question::Reach(ReachQuestion {
            subject: Some(person.clone()),
            ..reach.clone()
        });
        let large = self.large(&question, reading)?;
        let search = large.as_ref().and_then(|large| large.search(common));
        let large = large.as_ref().zip(search.as_ref());
        let answer = self.ask_under(&question, large, reading)?;
        Ok(answer.map(|(answer, _)| answer))
    }

    fn ask_judged(&self, question: &Question, as_of: Instant) -> Result<Option<Answer>, DbError> {
        let header = self.header()?;
        let Some(replayed) = self.replayed(question.subject())? else {
            return Ok(None);
        };
        let (history, replay) = (&replayed.history, &replayed.replay);
        let case = Case::of_replayed(header, as_of, (history, replay), &replayed.facts);
        let rules = self.rules();
        let spelled = if question.is_about_hops() && case.replay.has_standing() {
            let history = spelled_out(question, history, replay, &case.changes())?;
            let replay = Replay::new(&history);
            Some((history, replay))
        } else {
            None
        };
        let (history, replay) = match &spelled {
            Some((history, replay)) => (history, replay),
            None => (history, replay),
        };
        let answer = self.with_scope((history, replay), Beside::NOTHING, as_of, |scope| {
            question::judge(&Judged::new(scope, &case, &rules), question)
        })?;
        Ok(Some(answer))
    }

    fn with_scope(
        &self,
        (history, replay): (&History, &Replay),
        beside: Beside<'_>,
        as_of: Instant,
        answer: impl FnOnce(&Scope<'_>) -> Result<Answer, AskError>,
    ) -> Result<Answer, DbError> {
        let header = self.header()?;
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
            record: beside.record,
            defeated: &self.inner.defeated,
            mechanisms: &mechanisms,
            as_of,
            known_at: self.known_at,
            zone: &header.zone,
            sends: &sends,
            had: beside.had,
            alike: beside.alike,
        };
        let answer = answer(&scope)?;
        // What could not be read must not pass for "no".
        match failure.take() {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    /// Under which names acts are about the subject: its own, those of its cohorts, and everyone, if anything is done
    /// with everyone's data.
    pub(super) fn names_of<'s>(&'s self, subject: &'s SubjectId) -> Vec<&'s SubjectId> {
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
        let things = &self.inner.things;
        let family = match facts {
            Cow::Owned(facts) => FamilyFacts::new(things, subject, &names, reading, facts.into_iter()),
            Cow::Borrowed(facts) => {
                // A file holds those of all others too, which need not be copied.
                let is_theirs =
                    |stated: &&Stated| stated.fact.subjects().iter().any(|id| names.contains(&id));
                let theirs = facts.iter().filter(is_theirs).cloned();
                FamilyFacts::new(things, subject, &names, reading, theirs)
            }
        };
        let family = Arc::new(family);
        families().keep(key, Arc::clone(&family));
        Ok(family)
    }

    /// Whether the processor ever gave data to anybody. Cost: one seek the first time.
    pub(super) fn sends(&self, processor: ProcessorNo) -> Result<bool, DbError> {
        let mut senders = self.inner.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sends) = senders.get(&processor) {
            return Ok(*sends);
        }
        let name = self.inner.things.processors().id(processor).clone();
        let sends = self.inner.source.sends(&name, &|_| true)?;
        senders.insert(processor, sends);
        Ok(sends)
    }
}

/// The history in the order that the question wants inside each instant, its standing acts spelled out.
fn ordered(question: &Question, history: &History) -> Result<History, AskError> {
    let mut changes: Vec<Instant> = if let Question::Reach(reach) = question {
        let changes = moments::relocations(history, reach.during.from);
        changes.into_iter().map(|(at, _)| at).collect()
    } else {
        Vec::new()
    };
    changes.dedup();
    let ordered = history.with_ties(question.ties(), question.places(), &changes);
    ordered.ok_or_else(|| too_many_moments(question))
}

fn too_many_moments(question: &Question) -> AskError {
    AskError::Limit {
        kind: question.kind(),
        bound: moments::MOMENTS_MAX,
    }
}

/// The history with its standing acts spelled out, for a question of it.
fn spelled_out(
    question: &Question,
    history: &History,
    replay: &Replay,
    changes: &[(Instant, ActNo)],
) -> Result<History, AskError> {
    moments::spelled_out(history, replay, changes).ok_or_else(|| too_many_moments(question))
}

/// The same where it matters to a question of reach when a standing act carried, and not only that it did: who lay inside
/// whom may have been another at another time, and so for a span of time that is asked about.
fn spelled_for_reach(
    question: &Question,
    history: &History,
    replay: &Replay,
) -> Result<Option<History>, AskError> {
    let Question::Reach(reach) = question else {
        return Ok(None);
    };
    if !replay.has_standing() {
        return Ok(None);
    }
    let changes = moments::relocations(history, reach.during.from);
    if changes.is_empty() && reach.during.until.is_none() {
        return Ok(None);
    }
    spelled_out(question, history, replay, &changes).map(Some)
}
