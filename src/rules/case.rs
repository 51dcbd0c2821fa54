//! A case: a history, its copies, and all facts that decide.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::index::{self, Kinds, Side};
use super::later::{Later, Next};
use super::moment::{self, Moment};
use crate::graph::number::Number as _;
use crate::graph::replay::{Copy, Held};
use crate::graph::{Act, ActNo, CopyNo, FieldNo, History, ProcessorNo, Replay, SubjectNo};
use crate::model::fact::{
    self, Agreement, Assessment, Audit, Authorization, Delegation, Evidence, Fact, Header, Incident,
    Mechanism, Notice, PolicyVersion, Request, Stated,
};
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::place::Place;
use crate::model::rule::Data;
use crate::model::time::Instant;
use crate::model::word::{ActKind, Carries, Method, Section};
use crate::policy::coverage::Coverage;

/// Everything that is judged together.
#[derive(Debug)]
pub struct Case<'f> {
    /// What holds for all of it.
    pub header: &'f Header,
    /// Standing facts and overdue deadlines are judged here.
    pub as_of: Instant,
    /// The acts.
    pub history: Cow<'f, History>,
    /// The copies they make.
    pub replay: Cow<'f, Replay>,
    /// The authorizations.
    pub coverage: Coverage,
    moments: Vec<Moment>,
    moments_of: FxHashMap<ActNo, (usize, usize)>,
    /// Flows inside one organization, as they are judged.
    inward: FxHashMap<ActNo, Act>,
    facts: &'f [Stated],
    /// All but acts.
    by_section: FxHashMap<Section, Vec<&'f Stated>>,
    reidentifications: Vec<&'f fact::Act>,
    acts: OnceLock<index::Acts>,
    acts_by_subject: OnceLock<Vec<Vec<ActNo>>>,
    copies: OnceLock<index::Copies>,
    later: Later,
}

impl<'f> Case<'f> {
    /// Replays the acts among the facts, which come in the order of the record.
    pub fn new(header: &'f Header, as_of: Instant, history: History, facts: &'f [Stated]) -> Self {
        let replay = Replay::new(&history);
        Self::of(header, as_of, (Cow::Owned(history), Cow::Owned(replay)), facts)
    }

    /// The same of acts that were replayed before. Of acts only those that re-identify need be among the facts.
    pub fn of_replayed(
        header: &'f Header,
        as_of: Instant,
        (history, replay): (&'f History, &'f Replay),
        facts: &'f [Stated],
    ) -> Self {
        Self::of(
            header,
            as_of,
            (Cow::Borrowed(history), Cow::Borrowed(replay)),
            facts,
        )
    }

    fn of(
        header: &'f Header,
        as_of: Instant,
        (history, replay): (Cow<'f, History>, Cow<'f, Replay>),
        facts: &'f [Stated],
    ) -> Self {
        let all = facts.iter().map(|stated| &stated.fact);
        let coverage = Coverage::new(&history, all, header.minor_age, &header.zone);
        let (moments, moments_of) = moment::moments(&history, &replay, &coverage, facts);
        let mut by_section: FxHashMap<Section, Vec<&'f Stated>> = FxHashMap::default();
        let mut reidentifications: Vec<&'f fact::Act> = Vec::new();
        for stated in facts {
            let Fact::Act(act) = &stated.fact else {
                by_section.entry(stated.fact.section()).or_default().push(stated);
                continue;
            };
            if reidentifies(&history, act) {
                reidentifications.push(act);
            }
        }
        reidentifications.sort_by_key(|act| act.at.start());
        let everyone = history.subjects().get(&SubjectId::everyone());
        let later = Later::new(history.subjects().all().count(), everyone, history.acts().len());
        let nested = history.things.is_nested();
        let inward = history
            .numbered()
            .take_while(|_| nested)
            .filter_map(|(number, act)| Some((number, history.as_judged(act)?)))
            .collect();
        Self {
            header,
            as_of,
            history,
            replay,
            coverage,
            moments,
            moments_of,
            inward,
            facts,
            by_section,
            reidentifications,
            acts: OnceLock::new(),
            acts_by_subject: OnceLock::new(),
            copies: OnceLock::new(),
            later,
        }
    }

    /// Of what is judged act by act, the acts of these kinds that one of the processors, or what lies inside it then, does;
    /// anybody's if none are given. In order.
    pub fn judged_by<'c>(
        &'c self,
        kinds: Kinds,
        by: Option<&'c [ProcessorNo]>,
    ) -> impl Iterator<Item = (ActNo, &'c Act)> + use<'c, 'f> {
        self.acts_index()
            .judged(kinds, self.ever_within(by).map(|by| (Side::Actor, by)))
            .into_iter()
            .flat_map(|number| self.judged_as(number))
            .filter(move |(_, act)| kinds.has(act.kind) && self.admits(by, act.actor, act.at))
    }

    /// The same, by which one of the processors, or what lies inside it then, acquires.
    pub fn judged_to<'c>(
        &'c self,
        to: Option<&'c [ProcessorNo]>,
    ) -> impl Iterator<Item = (ActNo, &'c Act, ProcessorNo)> + use<'c, 'f> {
        self.acts_index()
            .judged(Kinds::ALL, self.ever_within(to).map(|to| (Side::Acquirer, to)))
            .into_iter()
            .flat_map(|number| self.judged_as(number))
            .filter_map(|(number, act)| Some((number, act, act.acquirer()?)))
            .filter(move |(_, act, acquirer)| self.admits(to, *acquirer, act.at))
    }

    /// The acts on record of these kinds that one of the processors, or what lies inside it then, does; anybody's if none
    /// are given. In order.
    pub fn acts_by<'c>(
        &'c self,
        kinds: Kinds,
        by: Option<&'c [ProcessorNo]>,
    ) -> impl DoubleEndedIterator<Item = (ActNo, &'c Act)> + use<'c, 'f> {
        self.acts_index()
            .recorded(kinds, self.ever_within(by).map(|by| (Side::Actor, by)))
            .into_iter()
            .map(|number| (number, self.history.act(number)))
            .filter(move |(_, act)| self.admits(by, act.actor, act.at))
    }

    /// The acts on record that one of the processors, or what ever lies inside it, does; anybody's if none are given. In
    /// order.
    pub fn acts_ever_by<'c>(
        &'c self,
        by: Option<&[ProcessorNo]>,
    ) -> impl DoubleEndedIterator<Item = (ActNo, &'c Act)> + use<'c, 'f> {
        self.acts_index()
            .recorded(Kinds::ALL, self.ever_within(by).map(|by| (Side::Actor, by)))
            .into_iter()
            .map(|number| (number, self.history.act(number)))
    }

    fn acts_index(&self) -> &index::Acts {
        self.acts.get_or_init(|| {
            index::Acts::new(&self.history, |number| {
                self.judged_as(number).map(|(_, act)| act.kind)
            })
        })
    }

    /// These processors and all that ever lies inside them.
    fn ever_within(&self, processors: Option<&[ProcessorNo]>) -> Option<Vec<ProcessorNo>> {
        let things = &self.history.things;
        processors.map(|list| list.iter().flat_map(|of| things.ever_within(*of)).collect())
    }

    /// Of what is judged act by act, what is about the subject, in order.
    pub fn judged_about(&self, subject: SubjectNo) -> impl Iterator<Item = (ActNo, &Act)> {
        self.numbers_about(subject)
            .iter()
            .flat_map(|number| self.judged_as(*number))
            .filter(move |(_, act)| act.subjects.contains(&subject))
    }

    /// The acts on record about the subject, in order.
    pub fn acts_about(&self, subject: SubjectNo) -> impl Iterator<Item = &Act> {
        self.numbers_about(subject)
            .iter()
            .map(|number| self.history.act(*number))
    }

    fn numbers_about(&self, subject: SubjectNo) -> &[ActNo] {
        let lists = self
            .acts_by_subject
            .get_or_init(|| index::acts_by_subject(&self.history));
        index::of_subject(lists, subject)
    }

    /// The copies that one of the processors, or what ever lies inside it, has or had; everybody's if none are given. In
    /// the order of creation.
    pub fn copies_held_by<'c>(
        &'c self,
        processors: Option<&[ProcessorNo]>,
    ) -> impl Iterator<Item = (CopyNo, &'c Copy)> + use<'c, 'f> {
        let all = self.replay.count();
        let copies = self
            .copies_index()
            .held_by(self.ever_within(processors).as_deref(), all);
        copies
            .into_iter()
            .map(|number| (number, self.replay.copy(number)))
    }

    fn copies_index(&self) -> &index::Copies {
        self.copies
            .get_or_init(|| index::Copies::new(&self.history, &self.replay))
    }

    /// The acts that re-identify, of everybody on record and not only of whom is judged here, in order.
    pub fn reidentifications(&self) -> &[&'f fact::Act] {
        &self.reidentifications
    }

    /// Whether the instant has passed at `as_of`. If not, what is found about these subjects may be another thing then;
    /// without subjects, about everybody.
    pub fn is_past(&self, at: Instant, whose: &[SubjectNo]) -> bool {
        let is_past = self.as_of > at;
        if !is_past {
            self.later.note(at, whose);
        }
        is_past
    }

    /// The same of what is found about one act: the data of these subjects in it.
    pub fn is_past_for(&self, at: Instant, act: ActNo, whose: &[SubjectNo]) -> bool {
        let is_past = self.as_of > at;
        if !is_past {
            self.later.note_act(at, act, whose);
        }
        is_past
    }

    /// Whether the instant has come at `as_of`, with the same note if not.
    pub fn has_come(&self, at: Instant, whose: &[SubjectNo]) -> bool {
        self.as_of == at || self.is_past(at, whose)
    }

    /// Whether the copy is held at `as_of` and longer.
    pub fn is_held_now(&self, copy: &Copy) -> bool {
        let whose = [self.replay.holding_of(copy).subject];
        self.has_come(copy.start, &whose)
            && self
                .replay
                .end_of(copy)
                .is_none_or(|end| !self.has_come(end.at, &whose))
    }

    /// When what was judged so far has to be judged again although no fact changes.
    pub fn next(&self) -> Next {
        self.later.next(
            |subject| self.subject_id(subject),
            |act| &self.history.act(act).id,
        )
    }

    /// The copies by whose they are.
    pub fn by_subject(&self, copies: impl IntoIterator<Item = CopyNo>) -> BTreeMap<SubjectNo, Vec<CopyNo>> {
        let mut all: BTreeMap<SubjectNo, Vec<CopyNo>> = BTreeMap::new();
        for copy in copies {
            all.entry(self.pair_of(copy).0).or_default().push(copy);
        }
        all
    }

    /// The fields of copies.
    pub fn fields_of_copies(&self, copies: &[CopyNo]) -> Vec<FieldNo> {
        copies.iter().map(|copy| self.pair_of(*copy).1).collect()
    }

    /// The chain of the least of the copies, by subject and field.
    pub fn chain_of_least(&self, copies: &[CopyNo]) -> Vec<ActNo> {
        let least = self.least_pair(copies.iter().copied(), |copy| self.pair_of(copy));
        least.map_or_else(Vec::new, |copy| self.replay.chain(copy))
    }

    /// What is judged act by act, in order: every act, a flow inside one organization as a use, and in place of a standing
    /// act its moments, which have numbers of their own.
    pub fn judged(&self) -> impl Iterator<Item = (ActNo, &Act)> {
        self.history
            .numbered()
            .flat_map(|(number, _)| self.judged_as(number))
    }

    /// The same of the acts of the history in this stretch.
    pub fn judged_among(&self, acts: Range<usize>) -> impl Iterator<Item = (ActNo, &Act)> {
        acts.filter_map(ActNo::from_index)
            .flat_map(|number| self.judged_as(number))
    }

    /// An act, or the moments of a standing one.
    pub fn judged_as(&self, number: ActNo) -> impl Iterator<Item = (ActNo, &Act)> {
        let moments = self.moments_of.get(&number).copied();
        let acts = self.history.acts().len();
        let (from, to) = moments.unwrap_or((0, 0));
        let alone = moments.is_none().then(|| (number, self.act(number)));
        alone.into_iter().chain(
            (from..to)
                .filter_map(move |place| Some((moment::number_of(acts, place)?, &self.moments[place].act))),
        )
    }

    /// The moment of this number; `None` when it is that of an act.
    pub fn moment(&self, number: ActNo) -> Option<&Moment> {
        self.moments
            .get(number.index().checked_sub(self.history.acts().len())?)
    }

    /// When something changes about a standing act while something is held, in order.
    pub fn changes(&self) -> Vec<(Instant, ActNo)> {
        let lasting = |moment: &&Moment| moment.span.1 != Some(moment.act.at);
        let moments = self.moments.iter().filter(lasting);
        let mut changes: Vec<(Instant, ActNo)> = moments.map(|moment| (moment.act.at, moment.of)).collect();
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    /// The act of this number, as it is judged.
    pub fn act(&self, number: ActNo) -> &Act {
        match self.moment(number) {
            Some(moment) => &moment.act,
            None => self
                .inward
                .get(&number)
                .unwrap_or_else(|| self.history.act(number)),
        }
    }

    /// The number of the act itself.
    pub fn act_itself(&self, number: ActNo) -> ActNo {
        self.moment(number).map_or(number, |moment| moment.of)
    }

    /// How many copies there were when the act took from them.
    pub fn copies_made(&self, number: ActNo) -> usize {
        match self.moment(number) {
            Some(moment) => self.replay.copies_until(moment.act.at),
            None => self.replay.copies_before(number),
        }
    }

    /// What the actor held of each pair of the act.
    pub fn held(&self, number: ActNo) -> &[Held] {
        match self.moment(number) {
            Some(moment) => &moment.held,
            None => self.replay.held(number),
        }
    }

    /// What the actor held of a pair, as of a number of copies: in a moment of a standing act, all of that life so far.
    pub fn held_among(&self, number: ActNo, held: Held, made: usize) -> &[CopyNo] {
        let Held::Copies(stretch) = held else { return &[] };
        let copies = self.replay.copies_in(stretch);
        match (self.moment(number), copies.last()) {
            (Some(_), Some(last)) => self
                .replay
                .copies_of_life(self.replay.life_of(self.replay.copy(*last)), made),
            (_, _) => copies,
        }
    }

    /// The facts of one kind, in the order of the record, each with its place.
    pub fn facts<'c, T: 'f>(
        &'c self,
        choose: impl Fn(&'f Fact) -> Option<&'f T> + 'c,
    ) -> impl Iterator<Item = (&'f T, &'f Place)> + 'c {
        self.facts
            .iter()
            .filter_map(move |stated| Some((choose(&stated.fact)?, &stated.place)))
    }

    /// The facts of one kind in this section, which holds no acts.
    pub fn facts_in<'c, T: 'f>(
        &'c self,
        section: Section,
        choose: impl Fn(&'f Fact) -> Option<&'f T> + 'c,
    ) -> impl Iterator<Item = (&'f T, &'f Place)> + 'c {
        let facts = self.by_section.get(&section).map_or(&[][..], Vec::as_slice);
        facts
            .iter()
            .filter_map(move |stated| Some((choose(&stated.fact)?, &stated.place)))
    }

    /// The authorizations in the order of the record.
    pub fn authorizations(&self) -> impl Iterator<Item = (&'f Authorization, &'f Place)> + '_ {
        self.facts_in(Section::Authorizations, |fact| {
            if let Fact::Authorization(authorization) = fact {
                Some(authorization)
            } else {
                None
            }
        })
    }

    /// The delegation agreements in the order of the record.
    pub fn delegations(&self) -> impl Iterator<Item = (&'f Delegation, &'f Place)> + '_ {
        self.facts_in(Section::Agreements, |fact| {
            if let Fact::Agreement(Agreement::Delegation(agreement)) = fact {
                Some(agreement)
            } else {
                None
            }
        })
    }

    /// The assessments in the order of the record.
    pub fn assessments(&self) -> impl Iterator<Item = (&'f Assessment, &'f Place)> + '_ {
        self.facts_in(Section::Assessments, |fact| {
            if let Fact::Assessment(assessment) = fact {
                Some(assessment)
            } else {
                None
            }
        })
    }

    /// The policy versions in the order of the record.
    pub fn policies(&self) -> impl Iterator<Item = (&'f PolicyVersion, &'f Place)> + '_ {
        self.facts_in(Section::Policies, |fact| {
            if let Fact::Policy(x) = fact { Some(x) } else { None }
        })
    }

    /// The notices in the order of the record.
    pub fn notices(&self) -> impl Iterator<Item = (&'f Notice, &'f Place)> + '_ {
        self.facts_in(Section::Notices, |fact| {
            if let Fact::Notice(x) = fact { Some(x) } else { None }
        })
    }

    /// The requests in the order of the record.
    pub fn requests(&self) -> impl Iterator<Item = (&'f Request, &'f Place)> + '_ {
        self.facts_in(Section::Requests, |fact| {
            if let Fact::Request(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The incidents in the order of the record.
    pub fn incidents(&self) -> impl Iterator<Item = (&'f Incident, &'f Place)> + '_ {
        self.facts_in(Section::Incidents, |fact| {
            if let Fact::Incident(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The audits in the order of the record.
    pub fn audits(&self) -> impl Iterator<Item = (&'f Audit, &'f Place)> + '_ {
        self.facts_in(Section::Audits, |fact| {
            if let Fact::Audit(x) = fact { Some(x) } else { None }
        })
    }

    /// The agreements of all kinds in the order of the record.
    pub fn agreements(&self) -> impl Iterator<Item = (&'f Agreement, &'f Place)> + '_ {
        self.facts_in(Section::Agreements, |fact| {
            if let Fact::Agreement(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The transfer mechanisms in the order of the record.
    pub fn mechanisms(&self) -> impl Iterator<Item = (&'f Mechanism, &'f Place)> + '_ {
        self.facts_in(Section::Mechanisms, |fact| {
            if let Fact::Mechanism(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The evidence in the order of the record.
    pub fn evidence(&self) -> impl Iterator<Item = (&'f Evidence, &'f Place)> + '_ {
        self.facts_in(Section::Evidence, |fact| {
            if let Fact::Evidence(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The policy version of a processor that is in force: the last to take effect, of equal ones the last on record.
    fn policy_at<'p>(versions: &[&'p PolicyVersion], at: Instant) -> Option<&'p PolicyVersion> {
        versions
            .iter()
            .copied()
            .filter(|version| version.effective <= at)
            .max_by_key(|version| version.effective)
    }

    /// Whether a processor has a policy, its own or that of the nearest that it lies inside and that has one; and the
    /// version in force.
    pub fn policy_of<'p>(
        &self,
        policies: &FxHashMap<ProcessorNo, Vec<&'p PolicyVersion>>,
        processor: ProcessorNo,
        at: Instant,
    ) -> (bool, Option<&'p PolicyVersion>) {
        let mut around = self.around(processor, at);
        let versions = around.find_map(|holder| policies.get(&holder));
        let version = versions.and_then(|versions| Self::policy_at(versions, at));
        (versions.is_some(), version)
    }

    /// The personal copies that others received directly from the giver or from what lies inside it, by receiver, in the
    /// order of creation.
    pub fn received_from(&self, giver: ProcessorNo) -> BTreeMap<ProcessorNo, Vec<CopyNo>> {
        let mut all: BTreeMap<ProcessorNo, Vec<CopyNo>> = BTreeMap::new();
        for number in self
            .copies_index()
            .received_from(&self.history.things.ever_within(giver))
        {
            let copy = self.replay.copy(number);
            let holding = self.replay.holding_of(copy);
            let is_theirs = |processor| self.is_within(processor, giver, copy.start);
            let is_received = is_theirs(self.history.act(copy.via).actor) && !is_theirs(holding.processor);
            if is_received && self.history.things.is_personal(holding.field) {
                all.entry(holding.processor).or_default().push(number);
            }
        }
        all
    }

    /// The policy versions of each processor.
    pub fn policies_by_processor(&self) -> FxHashMap<ProcessorNo, Vec<&'f PolicyVersion>> {
        let mut all: FxHashMap<ProcessorNo, Vec<&'f PolicyVersion>> = FxHashMap::default();
        for (policy, _) in self.policies() {
            if let Some(processor) = self.processor(&policy.processor) {
                all.entry(processor).or_default().push(policy);
            }
        }
        all
    }

    /// Whether two processors have an agreement in force at the instant, and whether they ever had one, of the kinds
    /// that `counts`. It names them, or what they lie inside at the instant.
    pub fn bound(
        &self,
        a: ProcessorNo,
        b: ProcessorNo,
        at: Instant,
        counts: impl Fn(&Agreement) -> bool,
    ) -> (bool, bool) {
        let (mut now, mut ever) = (false, false);
        for (agreement, _) in self.agreements().filter(|(agreement, _)| counts(agreement)) {
            let (parties, from, until): (Vec<&ProcessorId>, _, _) = match agreement {
                Agreement::Delegation(x) => (vec![&x.principal, &x.delegate], x.from, x.until),
                Agreement::Confidentiality(x) | Agreement::Partner(x) => {
                    (x.between.iter().collect(), x.from, x.until)
                }
                Agreement::Joint(x) => (x.between.iter().collect(), x.from, x.until),
            };
            let meant = |who| {
                parties
                    .iter()
                    .filter(move |party| self.is_named(party, who, at))
                    .copied()
            };
            if meant(a).any(|one| meant(b).any(|other| a == b || one != other)) {
                ever = true;
                now |= in_force(from, until, at);
            }
        }
        (now, ever)
    }

    /// Whether the processor is `of`, or lies inside it at the instant.
    pub fn is_within(&self, processor: ProcessorNo, of: ProcessorNo, at: Instant) -> bool {
        self.history.things.is_within(processor, of, at)
    }

    /// Whether a fact that names `id` means the processor at the instant.
    pub fn is_named(&self, id: &ProcessorId, processor: ProcessorNo, at: Instant) -> bool {
        let is_around = |named| self.is_within(processor, named, at);
        self.processor_id(processor) == id
            || (self.history.things.is_nested() && self.processor(id).is_some_and(is_around))
    }

    /// Of the processors that a fact names, whether one is meant at the instant.
    pub fn is_one_of(&self, ids: &[ProcessorId], processor: ProcessorNo, at: Instant) -> bool {
        ids.iter().any(|id| self.is_named(id, processor, at))
    }

    /// Whether a rule's limit, if any, admits the processor: it names it, or what it lies inside at the instant.
    pub fn admits(&self, limit: Option<&[ProcessorNo]>, processor: ProcessorNo, at: Instant) -> bool {
        limit.is_none_or(|list| self.history.things.is_within_any(processor, list, at))
    }

    /// The processor and what it lies inside at the instant, from the inside out.
    pub fn around(&self, processor: ProcessorNo, at: Instant) -> impl Iterator<Item = ProcessorNo> {
        self.history.things.around(processor, at)
    }

    /// Names of processors.
    pub fn processor_id(&self, processor: ProcessorNo) -> &ProcessorId {
        self.history.things.processors().id(processor)
    }

    /// The number of a processor that a fact names.
    pub fn processor(&self, id: &ProcessorId) -> Option<ProcessorNo> {
        self.history.things.processors().get(id)
    }

    /// The number of a subject that a fact names.
    pub fn subject(&self, id: &SubjectId) -> Option<SubjectNo> {
        self.history.subjects().get(id)
    }

    /// The numbers of the subjects that a fact lists, cohorts unfolded.
    pub fn subjects(&self, ids: &[SubjectId]) -> Vec<SubjectNo> {
        self.history.subject_numbers(ids)
    }

    /// The processors a rule is limited to; `None` for no limit.
    pub fn limit(&self, processors: Option<&Vec<ProcessorId>>) -> Option<Vec<ProcessorNo>> {
        processors.map(|ids| self.history.things.processor_numbers(ids))
    }

    /// The fields that are meant by a rule's data.
    pub fn data(&self, data: &Data) -> FieldSet {
        let things = &self.history.things;
        let categories = things.category_numbers(&data.categories);
        let mut set = FieldSet(
            things
                .fields()
                .all()
                .map(|field| things.is_in(field, &categories))
                .collect(),
        );
        for field in things.field_numbers(&data.fields) {
            set.0[field.index()] = true;
        }
        set
    }

    /// The least subject by name.
    pub fn least_subject(&self, subjects: &[SubjectNo]) -> Option<SubjectNo> {
        let name = |subject: &SubjectNo| self.history.subjects().id(*subject);
        subjects.iter().copied().min_by(|a, b| name(a).cmp(name(b)))
    }

    /// The least field by name.
    pub fn least_field(&self, fields: &[FieldNo]) -> Option<FieldNo> {
        let name = |field: &FieldNo| self.history.things.fields().id(*field);
        fields.iter().copied().min_by(|a, b| name(a).cmp(name(b)))
    }

    /// The pair with the least subject, then field, by name; the first of equal ones.
    pub fn least_pair<T: std::marker::Copy>(
        &self,
        pairs: impl Iterator<Item = T>,
        of: impl Fn(T) -> (SubjectNo, FieldNo),
    ) -> Option<T> {
        let name = |pair: T| {
            let (subject, field) = of(pair);
            (
                self.history.subjects().id(subject).clone(),
                self.history.things.fields().id(field).clone(),
            )
        };
        pairs.min_by_key(|pair| name(*pair))
    }

    /// The path to an act: the chain of the copy that the processor had before it, then the act. The act alone when
    /// there was none.
    pub fn path_at(
        &self,
        processor: ProcessorNo,
        field: FieldNo,
        subject: SubjectNo,
        number: ActNo,
    ) -> Vec<ActNo> {
        let at = self.act(number).at;
        let before = match self.moment(number) {
            Some(_) => self.replay.path_copy_at(processor, field, subject, at),
            None => self.replay.path_copy(processor, field, subject, number, at),
        };
        let mut path = before.map_or_else(Vec::new, |copy| self.replay.chain(copy));
        path.push(self.act_itself(number));
        path
    }

    /// The path to an act by way of its actor, for the least of the subjects.
    pub fn path(&self, number: ActNo, field: Option<FieldNo>, subjects: &[SubjectNo]) -> Vec<ActNo> {
        match (field, self.least_subject(subjects)) {
            (Some(field), Some(subject)) => self.path_at(self.act(number).actor, field, subject, number),
            (_, _) => vec![self.act_itself(number)],
        }
    }

    /// The same, but a collect act stands alone.
    pub fn path_unless_collect(
        &self,
        number: ActNo,
        field: Option<FieldNo>,
        subjects: &[SubjectNo],
    ) -> Vec<ActNo> {
        if self.act(number).kind == ActKind::Collect {
            vec![number]
        } else {
            self.path(number, field, subjects)
        }
    }

    /// Of the act's fields those that satisfy the condition, as listed.
    pub fn fields_of(&self, act: &Act, condition: impl Fn(FieldNo) -> bool) -> Vec<FieldNo> {
        act.fields
            .iter()
            .copied()
            .filter(|field| condition(*field))
            .collect()
    }

    /// Of the act's fields those that are personal data, as listed.
    pub fn personal_fields(&self, act: &Act) -> Vec<FieldNo> {
        self.fields_of(act, |field| self.history.things.is_personal(field))
    }

    /// Whether the copy stands at the instant and longer: not ended at or before it.
    pub fn outlives(&self, copy: &Copy, at: Instant) -> bool {
        self.replay.end_of(copy).is_none_or(|end| end.at > at)
    }

    /// Whose data the copy is, and which.
    pub fn pair_of(&self, copy: CopyNo) -> (SubjectNo, FieldNo) {
        let holding = self.replay.holding_of(self.replay.copy(copy));
        (holding.subject, holding.field)
    }

    /// A name that sorts subjects as findings do.
    pub fn subject_id(&self, subject: SubjectNo) -> &SubjectId {
        self.history.subjects().id(subject)
    }
}

/// A set of fields; looking one up costs a step.
#[derive(Clone, Debug)]
pub struct FieldSet(Vec<bool>);

impl FieldSet {
    /// Whether the field belongs to it.
    pub fn has(&self, field: FieldNo) -> bool {
        self.0[field.index()]
    }
}

/// Whether the act re-identifies and its actor is known.
fn reidentifies(history: &History, act: &fact::Act) -> bool {
    act.kind == ActKind::Derive
        && act.method == Some(Method::Reidentify)
        && act.carries == Carries::Surely
        && history.things.processors().get(&act.actor).is_some()
}

/// Whether something with this validity is in force at the instant.
pub fn in_force(from: Instant, until: Option<Instant>, at: Instant) -> bool {
    from <= at && until.is_none_or(|until| at < until)
}
