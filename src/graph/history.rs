//! Acts in order, with numbers instead of names.

use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::FxHashSet;

use super::cohorts::Cohorts;
use super::few::Few;
use super::number::{ActNo, FieldNo, Names, Number as _, ProcessorNo, PurposeNo, SafeguardsNo, SubjectNo};
use super::things::Things;
use super::ties::{self, Part};
use crate::model::fact::{self, Fact, Stated};
use crate::model::finding::Step;
use crate::model::id::{Country, FactId, FieldId, Safeguard, SubjectId, ValueId};
use crate::model::place::Place;
use crate::model::time::{Instant, Stretch, When};
use crate::model::word::{ActKind, Carries, Method, Ties};

/// An act of a history.
#[derive(Clone, Debug)]
pub struct Act {
    /// Its name.
    pub id: FactId,
    /// When it takes place, or begins.
    pub at: Instant,
    /// When, in full.
    pub when: When,
    /// What.
    pub kind: ActKind,
    /// Who acts; of a collect act, who collects.
    pub actor: ProcessorNo,
    /// Who receives; nobody but the actor of a collect act.
    pub recipient: Option<ProcessorNo>,
    /// Of a collect act: where it came from.
    pub source: Option<ProcessorNo>,
    /// Whose data, as listed.
    pub subjects: Few<SubjectNo>,
    /// Which data, as listed.
    pub fields: Few<FieldNo>,
    /// What for.
    pub purpose: Option<PurposeNo>,
    /// What a derive act makes, as listed.
    pub makes: Few<FieldNo>,
    /// How a derive act works.
    pub method: Option<Method>,
    /// Where a store act places.
    pub location: Option<Country>,
    /// The right value that a correct act wrote, if it has a name.
    pub value: Option<ValueId>,
    /// Whether a restrict act lifts a restriction.
    pub lifts: bool,
    /// Its safeguards.
    pub safeguards: SafeguardsNo,
    /// Where it was stated.
    pub place: Place,
    /// Which part of the act this entry is.
    pub part: Part,
    /// Of a flow inside one organization, as it is judged: what it is on record.
    pub inward: Option<Inward>,
}

/// A flow inside one organization, on record.
#[derive(Clone, Copy, Debug)]
pub struct Inward {
    /// What it says it is.
    pub kind: ActKind,
    /// Where it brings data to.
    pub to: ProcessorNo,
}

impl Act {
    /// Who acquires by it: `to` of a collect, share, verify, assign or delegate act.
    pub fn acquirer(&self) -> Option<ProcessorNo> {
        match self.kind {
            ActKind::Collect => Some(self.actor),
            ActKind::Share | ActKind::Verify | ActKind::Assign | ActKind::Delegate => self.recipient,
            ActKind::Derive
            | ActKind::Use
            | ActKind::Store
            | ActKind::Disclose
            | ActKind::Correct
            | ActKind::Restrict
            | ActKind::Delete => None,
        }
    }

    /// What it is on record, also where it is judged as a use.
    pub fn kind_on_record(&self) -> ActKind {
        self.inward.map_or(self.kind, |inward| inward.kind)
    }

    /// Whether it is of a kind that can cross a border.
    pub fn can_cross(&self) -> bool {
        match self.kind_on_record() {
            ActKind::Share | ActKind::Verify | ActKind::Delegate | ActKind::Assign => true,
            ActKind::Collect
            | ActKind::Derive
            | ActKind::Use
            | ActKind::Store
            | ActKind::Disclose
            | ActKind::Correct
            | ActKind::Restrict
            | ActKind::Delete => false,
        }
    }

    /// Where it brings data to, inside the actor's organization or not.
    pub fn taker(&self) -> Option<ProcessorNo> {
        self.recipient.or_else(|| self.inward.map(|inward| inward.to))
    }

    /// All the time that it is active, if it stands; also of one of its moments.
    pub fn standing(&self) -> Option<Stretch> {
        match self.part {
            Part::Moment { active, .. } => Some(active),
            Part::Whole | Part::End | Part::Flow(_) => self.when.standing(),
        }
    }

    /// Where it brings what it takes of a field, if it takes it from its actor: to whom, and as which field.
    pub fn targets(&self, field: FieldNo) -> Vec<(ProcessorNo, FieldNo)> {
        if self.kind == ActKind::Derive {
            self.makes.iter().map(|made| (self.actor, *made)).collect()
        } else {
            self.recipient.into_iter().map(|to| (to, field)).collect()
        }
    }

    /// Pairs of subject and field as listed: subjects outside, fields inside.
    pub fn pairs(&self) -> impl Iterator<Item = (SubjectNo, FieldNo)> + '_ {
        self.subjects
            .iter()
            .flat_map(|subject| self.fields.iter().map(|field| (*subject, *field)))
    }
}

/// The acts of a fact set, or of one family of it, in order: by instant, then as recorded.
#[derive(Clone, Debug)]
pub struct History {
    /// What it speaks of.
    pub things: Arc<Things>,
    subjects: Names<SubjectId, SubjectNo>,
    born: Vec<Option<Date>>,
    cohorts: Cohorts,
    /// The lists of safeguards that acts state, each once.
    safeguards: Names<Vec<Safeguard>, SafeguardsNo>,
    acts: Vec<Act>,
    ties: Ties,
    has_uncertain: bool,
}

impl History {
    /// Numbers the subjects and acts among these facts, which come in the order of the record.
    pub fn new<'f>(things: Arc<Things>, facts: impl Iterator<Item = &'f Stated> + Clone) -> Self {
        let cohorts = Cohorts::new(facts.clone().map(|stated| &stated.fact));
        let mut history = Self::empty(things, cohorts);
        // Mostly facts are acts.
        history.acts.reserve(facts.size_hint().0);
        for stated in facts {
            history.take(stated);
        }
        sort_by_instant(&mut history.acts, |_| ());
        history
    }

    /// A history without acts, to take facts one after the other.
    pub fn empty(things: Arc<Things>, cohorts: Cohorts) -> Self {
        Self {
            things,
            subjects: Names::default(),
            born: Vec::new(),
            cohorts,
            safeguards: Names::default(),
            acts: Vec::new(),
            ties: Ties::Recorded,
            has_uncertain: false,
        }
    }

    /// Numbers what one more fact speaks of; of an act everything, so that the fact is not needed any more. Behind the last one
    /// the acts have to be put in order.
    pub fn take(&mut self, stated: &Stated) {
        self.has_uncertain |= !stated.bounded.is_empty();
        match &stated.fact {
            Fact::Subject(subject) => {
                if let Some(number) = self.subject_number(&subject.id) {
                    self.born[number.index()] = subject.born;
                }
            }
            // What may have carried, or only influenced, makes no copy; whoever wants to know what it would have
            // made hands it in as sure.
            Fact::Act(act) if act.carries != Carries::Surely => {}
            Fact::Act(act) => {
                self.has_uncertain |= act.at.is_uncertain();
                if let Some(act) = self.act_of(act, &stated.place) {
                    self.acts.push(act);
                }
            }
            Fact::Cohort(_)
            | Fact::Category(_)
            | Fact::Field(_)
            | Fact::Processor(_)
            | Fact::Purpose(_)
            | Fact::Authorization(_)
            | Fact::Choice(_)
            | Fact::Agreement(_)
            | Fact::Mechanism(_)
            | Fact::Assessment(_)
            | Fact::RetentionPeriod(_)
            | Fact::Notice(_)
            | Fact::Policy(_)
            | Fact::Request(_)
            | Fact::Closure(_)
            | Fact::Incident(_)
            | Fact::Audit(_)
            | Fact::Termination(_)
            | Fact::Evidence(_)
            | Fact::Rule(_)
            | Fact::Suppression(_)
            | Fact::Compatibility(_)
            | Fact::Retraction(_) => {
                // Everyone is declared nowhere, and has a number as soon as a fact speaks of it.
                if let Some(everyone) = stated.fact.subjects().iter().find(|id| id.is_everyone()) {
                    self.subject_number(everyone);
                }
            }
        }
    }

    /// Puts all acts in order; of one instant by these ranks, one for each act as they were taken.
    pub fn settle<R: Ord + Copy>(&mut self, ranks: &[R]) {
        sort_by_instant(&mut self.acts, |at| ranks.get(at).copied());
    }

    /// Whether of some instant of the facts only the bounds are known; of acts that surely carried.
    pub fn has_uncertain(&self) -> bool {
        self.has_uncertain
    }

    /// Knows the subject from now on, also when no fact speaks of it: everyone always is there.
    pub fn know(&mut self, id: &SubjectId) {
        self.subject_number(id);
    }

    /// The same history with the acts of each instant in the order that this reading of ties wants; some are there in
    /// parts, and in a circle several times: as often as it takes to pass any `places` of it on one chain. Standing acts
    /// are there in their moments, also in the instants of `changes`; `None` when these are more than two million.
    pub fn with_ties(&self, ties: Ties, places: usize, changes: &[Instant]) -> Option<Self> {
        let acts = ties::order(&self.acts, ties, places, changes)?;
        Some(Self {
            ties,
            ..self.with_acts(acts)
        })
    }

    /// The same history with other acts, which come in order.
    #[must_use]
    pub fn with_acts(&self, acts: Vec<Act>) -> Self {
        Self {
            things: Arc::clone(&self.things),
            subjects: self.subjects.clone(),
            born: self.born.clone(),
            cohorts: self.cohorts.clone(),
            safeguards: self.safeguards.clone(),
            acts,
            ties: self.ties,
            has_uncertain: self.has_uncertain,
        }
    }

    /// The number that stands for the whole act: of a moment of a standing act that of its first one, else its own.
    pub fn whole(&self, number: ActNo) -> ActNo {
        match self.act(number).part {
            Part::Moment { of, .. } => of,
            Part::Whole | Part::End | Part::Flow(_) => number,
        }
    }

    /// How acts of one instant are taken.
    pub fn ties(&self) -> Ties {
        self.ties
    }

    /// Subjects are numbered by first mention, which may be an act in a family that was read alone.
    fn subject_number(&mut self, id: &SubjectId) -> Option<SubjectNo> {
        let number = self.subjects.number(id)?;
        if self.born.len() <= number.index() {
            self.born.push(None);
        }
        Some(number)
    }

    fn act_of(&mut self, act: &fact::Act, place: &Place) -> Option<Act> {
        let subjects = self
            .cohorts
            .unfold(&act.subjects)
            .iter()
            .filter_map(|id| self.subject_number(id))
            .collect();
        let safeguards = self.safeguards_number(&act.safeguards)?;
        let things = &self.things;
        let processor = |id: &Option<_>| id.as_ref().and_then(|id| things.processors().get(id));
        let fields = |ids: &[FieldId]| ids.iter().filter_map(|id| things.fields().get(id)).collect();
        Some(Act {
            id: act.id.clone(),
            at: act.at.start(),
            when: act.at,
            kind: act.kind,
            actor: things.processors().get(&act.actor)?,
            recipient: processor(&act.recipient),
            source: processor(&act.source),
            subjects,
            fields: fields(&act.fields),
            purpose: act.purpose.as_ref().and_then(|id| things.purposes().get(id)),
            makes: fields(&act.makes),
            method: act.method,
            location: act.location.clone(),
            value: act.value.clone(),
            lifts: act.lifts,
            safeguards,
            place: place.clone(),
            part: Part::Whole,
            inward: None,
        })
    }

    /// Acts mostly state what the act before them does.
    fn safeguards_number(&mut self, list: &Vec<Safeguard>) -> Option<SafeguardsNo> {
        match self.acts.last() {
            Some(before) if self.safeguards.id(before.safeguards) == list => Some(before.safeguards),
            Some(_) | None => self.safeguards.number(list),
        }
    }

    /// The lists of safeguards that acts state.
    pub fn safeguards(&self) -> &Names<Vec<Safeguard>, SafeguardsNo> {
        &self.safeguards
    }

    /// Subjects and their numbers.
    pub fn subjects(&self) -> &Names<SubjectId, SubjectNo> {
        &self.subjects
    }

    /// The cohorts on record.
    pub fn cohorts(&self) -> &Cohorts {
        &self.cohorts
    }

    /// The numbers of the subjects that a list names, cohorts unfolded.
    pub fn subject_numbers(&self, ids: &[SubjectId]) -> Vec<SubjectNo> {
        self.cohorts
            .unfold(ids)
            .iter()
            .filter_map(|id| self.subjects.get(id))
            .collect()
    }

    /// The subject's birthday, when known.
    pub fn born(&self, subject: SubjectNo) -> Option<Date> {
        self.born[subject.index()]
    }

    /// All acts in order.
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// All acts in order, with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (ActNo, &Act)> {
        self.acts
            .iter()
            .enumerate()
            .filter_map(|(i, act)| Some((ActNo::from_index(i)?, act)))
    }

    /// One act.
    pub fn act(&self, number: ActNo) -> &Act {
        &self.acts[number.index()]
    }

    /// The same history in which these acts carry nothing, with all their moments: they still end what they end.
    #[must_use]
    pub fn without_flows(&self, gone: &FxHashSet<ActNo>) -> Self {
        let mut history = self.clone();
        for (number, _) in self.numbered() {
            if gone.contains(&self.whole(number)) {
                let act = &mut history.acts[number.index()];
                act.recipient = None;
                act.makes = Few::default();
            }
        }
        history
    }

    /// Whether the act stays, at the instant, inside one organization: it brings data from one processor of it to another.
    pub fn is_inward(&self, act: &Act, at: Instant) -> bool {
        act.recipient
            .is_some_and(|to| self.things.is_one_organization(act.actor, to, at))
    }

    /// The act as it is judged, if that is not as it is on record: what stays inside one organization is given to nobody
    /// and is a use.
    pub fn as_judged(&self, act: &Act) -> Option<Act> {
        let to = act.recipient.filter(|_| self.is_inward(act, act.at))?;
        Some(Act {
            kind: ActKind::Use,
            recipient: None,
            inward: Some(Inward { kind: act.kind, to }),
            ..act.clone()
        })
    }

    /// Whether the act carries data over the border of home.
    pub fn is_crossing(&self, act: &Act) -> bool {
        act.can_cross()
            && act
                .taker()
                .is_some_and(|to| self.things.crosses(act.actor, to, act.at))
    }

    /// The act as a step of a witness.
    pub fn step(&self, number: ActNo) -> Step {
        self.step_of(self.act(number))
    }

    /// An act, at the instant that it has here, as a step of a witness: as it is on record.
    pub fn step_of(&self, act: &Act) -> Step {
        let processor = |number: Option<ProcessorNo>| number.map(|n| self.things.processors().id(n).clone());
        let (giver, taker) = if act.kind == ActKind::Collect {
            (act.source, Some(act.actor))
        } else {
            (Some(act.actor), act.taker())
        };
        let fields = |list: &[FieldNo]| list.iter().map(|f| self.things.fields().id(*f).clone()).collect();
        let country = |p| self.things.country_at(p, act.at).cloned();
        let crossing = act
            .taker()
            .filter(|_| self.is_crossing(act))
            .and_then(|to| country(act.actor).zip(country(to)));
        Step {
            act: act.id.clone(),
            at: act.at,
            between: act.when.bounds(),
            standing: act.standing(),
            kind: act.kind_on_record(),
            method: act.method,
            actor: processor(giver),
            recipient: processor(taker),
            subjects: act
                .subjects
                .iter()
                .map(|s| self.subjects.id(*s).clone())
                .collect(),
            fields: fields(&act.fields),
            makes: fields(&act.makes),
            purpose: act.purpose.map(|p| self.things.purposes().id(p).clone()),
            crossing,
            place: Some(act.place.clone()),
        }
    }
}

impl History {
    /// An act on record as a fact about one of its subjects alone.
    pub fn fact_of(&self, act: &Act, subject: &SubjectId) -> fact::Act {
        let processor = |number: Option<ProcessorNo>| number.map(|n| self.things.processors().id(n).clone());
        let fields = |list: &[FieldNo]| list.iter().map(|f| self.things.fields().id(*f).clone()).collect();
        fact::Act {
            id: act.id.clone(),
            at: act.when,
            kind: act.kind,
            actor: self.things.processors().id(act.actor).clone(),
            recipient: processor(act.recipient),
            source: processor(act.source),
            subjects: vec![subject.clone()],
            fields: fields(&act.fields),
            purpose: act.purpose.map(|p| self.things.purposes().id(p).clone()),
            makes: fields(&act.makes),
            method: act.method,
            location: act.location.clone(),
            value: act.value.clone(),
            lifts: act.lifts,
            safeguards: self.safeguards.id(act.safeguards).clone(),
            carries: Carries::Surely,
        }
    }
}

/// Puts acts in order; inside one instant their rank settles everything, and if they have none the place at which they stand.
/// Acts are large to move, so numbers are sorted, and each act moves once.
fn sort_by_instant<R: Ord>(acts: &mut [Act], rank: impl Fn(usize) -> R) {
    let key = |i: usize| (acts[i].at, rank(i), i);
    if (1..acts.len()).all(|i| key(i - 1) <= key(i)) {
        return;
    }
    let mut order: Vec<(Instant, R, usize)> = (0..acts.len()).map(key).collect();
    order.sort_unstable();
    let mut order: Vec<usize> = order.into_iter().map(|(_, _, i)| i).collect();
    for start in 0..acts.len() {
        // Round the circle of places that begins here: each takes the act that belongs there from the next one.
        let mut place = start;
        loop {
            let from = order[place];
            order[place] = place;
            if from == start {
                break;
            }
            acts.swap(place, from);
            place = from;
        }
    }
}
