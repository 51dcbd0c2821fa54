//! A case: a history, its copies, and all facts that decide.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::moment::{self, Moment};
use crate::graph::number::Number as _;
use crate::graph::replay::{Copy, Held};
use crate::graph::{Act, ActNo, CopyNo, FieldNo, History, ProcessorNo, Replay, SubjectNo};
use crate::model::fact::{
    Agreement, Assessment, Audit, Authorization, Delegation, Evidence, Fact, Header, Incident, Mechanism,
    Notice, PolicyVersion, Request, Stated,
};
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::place::Place;
use crate::model::rule::Data;
use crate::model::time::Instant;
use crate::model::word::ActKind;
use crate::policy::coverage::Coverage;

/// Everything that is judged together.
#[derive(Debug)]
pub struct Case<'f> {
    /// What holds for all of it.
    pub header: &'f Header,
    /// Standing facts and overdue deadlines are judged here.
    pub as_of: Instant,
    /// The acts.
    pub history: History,
    /// The copies they make.
    pub replay: Replay,
    /// The authorizations.
    pub coverage: Coverage,
    moments: Vec<Moment>,
    moments_of: FxHashMap<ActNo, (usize, usize)>,
    facts: &'f [Stated],
}

impl<'f> Case<'f> {
    /// Replays the acts among the facts, which come in the order of the record.
    pub fn new(header: &'f Header, as_of: Instant, history: History, facts: &'f [Stated]) -> Self {
        let all = facts.iter().map(|stated| &stated.fact);
        let coverage = Coverage::new(&history, all, header.minor_age, &header.zone);
        let replay = Replay::new(&history);
        let (moments, moments_of) = moment::moments(&history, &replay, &coverage, facts);
        Self {
            header,
            as_of,
            history,
            replay,
            coverage,
            moments,
            moments_of,
            facts,
        }
    }

    /// What is judged act by act, in order: every act, and in place of a standing one its moments, which have numbers of
    /// their own.
    pub fn judged(&self) -> impl Iterator<Item = (ActNo, &Act)> {
        self.history
            .numbered()
            .flat_map(|(number, _)| self.judged_as(number))
    }

    /// An act, or the moments of a standing one.
    pub fn judged_as(&self, number: ActNo) -> impl Iterator<Item = (ActNo, &Act)> {
        let moments = self.moments_of.get(&number).copied();
        let acts = self.history.acts().len();
        let (from, to) = moments.unwrap_or((0, 0));
        let alone = moments.is_none().then(|| (number, self.history.act(number)));
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
            None => self.history.act(number),
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

    /// The authorizations in the order of the record.
    pub fn authorizations(&self) -> impl Iterator<Item = (&'f Authorization, &'f Place)> + '_ {
        self.facts(|fact| {
            if let Fact::Authorization(authorization) = fact {
                Some(authorization)
            } else {
                None
            }
        })
    }

    /// The delegation agreements in the order of the record.
    pub fn delegations(&self) -> impl Iterator<Item = (&'f Delegation, &'f Place)> + '_ {
        self.facts(|fact| {
            if let Fact::Agreement(Agreement::Delegation(agreement)) = fact {
                Some(agreement)
            } else {
                None
            }
        })
    }

    /// The assessments in the order of the record.
    pub fn assessments(&self) -> impl Iterator<Item = (&'f Assessment, &'f Place)> + '_ {
        self.facts(|fact| {
            if let Fact::Assessment(assessment) = fact {
                Some(assessment)
            } else {
                None
            }
        })
    }

    /// The policy versions in the order of the record.
    pub fn policies(&self) -> impl Iterator<Item = (&'f PolicyVersion, &'f Place)> + '_ {
        self.facts(|fact| if let Fact::Policy(x) = fact { Some(x) } else { None })
    }

    /// The notices in the order of the record.
    pub fn notices(&self) -> impl Iterator<Item = (&'f Notice, &'f Place)> + '_ {
        self.facts(|fact| if let Fact::Notice(x) = fact { Some(x) } else { None })
    }

    /// The requests in the order of the record.
    pub fn requests(&self) -> impl Iterator<Item = (&'f Request, &'f Place)> + '_ {
        self.facts(|fact| {
            if let Fact::Request(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The incidents in the order of the record.
    pub fn incidents(&self) -> impl Iterator<Item = (&'f Incident, &'f Place)> + '_ {
        self.facts(|fact| {
            if let Fact::Incident(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The audits in the order of the record.
    pub fn audits(&self) -> impl Iterator<Item = (&'f Audit, &'f Place)> + '_ {
        self.facts(|fact| if let Fact::Audit(x) = fact { Some(x) } else { None })
    }

    /// The agreements of all kinds in the order of the record.
    pub fn agreements(&self) -> impl Iterator<Item = (&'f Agreement, &'f Place)> + '_ {
        self.facts(|fact| {
            if let Fact::Agreement(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The transfer mechanisms in the order of the record.
    pub fn mechanisms(&self) -> impl Iterator<Item = (&'f Mechanism, &'f Place)> + '_ {
        self.facts(|fact| {
            if let Fact::Mechanism(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The evidence in the order of the record.
    pub fn evidence(&self) -> impl Iterator<Item = (&'f Evidence, &'f Place)> + '_ {
        self.facts(|fact| {
            if let Fact::Evidence(x) = fact {
                Some(x)
            } else {
                None
            }
        })
    }

    /// The policy version of a processor that is in force: the last to take effect, of equal ones the last on record.
    pub fn policy_at<'p>(versions: &[&'p PolicyVersion], at: Instant) -> Option<&'p PolicyVersion> {
        versions
            .iter()
            .copied()
            .filter(|version| version.effective <= at)
            .max_by_key(|version| version.effective)
    }

    /// The personal copies that others received directly from the giver, by receiver, in the order of creation.
    pub fn received_from(&self, giver: ProcessorNo) -> BTreeMap<ProcessorNo, Vec<CopyNo>> {
        let mut all: BTreeMap<ProcessorNo, Vec<CopyNo>> = BTreeMap::new();
        for (number, copy) in self.replay.copies() {
            let via = self.history.act(copy.via);
            if via.actor != giver {
                continue;
            }
            let holding = self.replay.holding_of(copy);
            let is_received = holding.processor != giver && via.recipient == Some(holding.processor);
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
    /// that `counts`.
    pub fn bound(
        &self,
        a: &ProcessorId,
        b: &ProcessorId,
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
            if parties.contains(&a) && parties.contains(&b) {
                ever = true;
                now |= in_force(from, until, at);
            }
        }
        (now, ever)
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

/// Whether a rule's limit, if any, admits the processor.
pub fn admits(limit: Option<&Vec<ProcessorNo>>, processor: ProcessorNo) -> bool {
    limit.is_none_or(|list| list.contains(&processor))
}

/// Whether something with this validity is in force at the instant.
pub fn in_force(from: Instant, until: Option<Instant>, at: Instant) -> bool {
    from <= at && until.is_none_or(|until| at < until)
}
