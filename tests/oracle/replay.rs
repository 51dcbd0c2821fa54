//! Replay: copies, witnesses (docs/checks.md 1).

use super::facts::{Event, Facts, Instant};
use super::lookups::is_inward;

pub const OWN: &str = "own";
pub const DELEGATED: &str = "delegated";
pub const ASSIGNED: &str = "assigned";
pub const CONTRADICTED: &str = "contradicted";

/// "A copy has …". Acts are indexes into `facts.events`, copies indexes into `Replay::copies` (the creation order).
#[derive(Clone)]
pub struct Copy {
    pub processor: String,
    pub field: String,
    pub subject: String,
    pub start: Instant,
    pub via: usize,
    pub role: &'static str,
    pub parents: Vec<usize>,
    pub depth: usize,
    pub end: Option<Instant>,
    pub ended_by: Option<usize>,
    /// Ended by a delete, not by an assign.
    pub deleted: bool,
    /// The act whose consequence it is: `via`, or the act that set a standing `via` off.
    pub step: usize,
    /// Which life of its holding it belongs to: how many ends came before.
    pub life: usize,
    /// How many copies there were when it ended.
    pub over_at: Option<usize>,
    /// Of a copy that a standing act made: the copies of which life feed it, (processor, field, life).
    pub fed_by: Option<(String, String, usize)>,
}

/// What steps 1 to 4 found for one (field, subject) of an act.
#[derive(Clone, PartialEq)]
pub enum Support {
    Held,
    /// With the ghost.
    Ineffective(usize),
    Unsupported,
    /// A delete that ended nothing.
    Silent,
}

#[derive(Clone)]
pub struct Pair {
    pub subject: String,
    pub field: String,
    pub held: Vec<usize>,
    pub support: Support,
}

#[derive(Clone)]
pub struct Replay {
    pub copies: Vec<Copy>,
    /// Per act, in order: subjects as listed, inside that fields as listed. Empty for collect, correct and restrict.
    pub pairs: Vec<Vec<Pair>>,
    /// Ends that ended something: (processor, field, subject).
    ends: Vec<(String, String, String)>,
    /// Lives that began or ended in the act being run, in that order.
    changes: Vec<Change>,
    /// A delete, and a copy that standing acts brought back at once.
    pub supplied: Vec<(usize, usize)>,
}

/// A life of (processor, field, subject) that began or ended.
#[derive(Clone)]
enum Change {
    Begun(String, String, String),
    Ended(String, String, String),
}

/// docs/checks.md 1: "Acts are run in order; inside an act over subjects as listed, inside that over fields as listed."
pub fn replay(facts: &Facts) -> Replay {
    let mut replay = Replay {
        copies: Vec::new(),
        pairs: Vec::new(),
        ends: Vec::new(),
        changes: Vec::new(),
        supplied: Vec::new(),
    };
    for (e, event) in facts.events.iter().enumerate() {
        if event.standing.is_some() {
            replay.stand(facts, e);
            replay.settle(facts, e);
            continue;
        }
        let mut pairs = Vec::new();
        for subject in &event.subjects {
            let mut of_subject = Vec::new();
            for field in &event.fields {
                match event.act.as_str() {
                    "collect" => replay.acquire(event, e, &event.actor, field, subject, OWN, Vec::new()),
                    "correct" | "restrict" => {}
                    _ => of_subject.push(replay.run_pair(facts, event, e, field, subject)),
                }
            }
            if event.act == "derive" {
                replay.run_makes(event, e, subject, &of_subject);
            }
            pairs.extend(of_subject);
        }
        replay.pairs.push(pairs);
        replay.settle(facts, e);
    }
    replay
}

impl Replay {
    /// Adds one copy: depth = 1 + least depth of its parents (1 without).
    #[allow(
        clippy::too_many_arguments,
        reason = "one argument for each attribute of a copy"
    )]
    fn acquire(
        &mut self,
        event: &Event,
        e: usize,
        processor: &str,
        field: &str,
        subject: &str,
        role: &'static str,
        parents: Vec<usize>,
    ) {
        let depth = 1 + parents.iter().map(|p| self.copies[*p].depth).min().unwrap_or(0);
        if self.live(processor, field, subject).is_empty() {
            self.changes
                .push(Change::Begun(processor.into(), field.into(), subject.into()));
        }
        let life = self.life_now(processor, field, subject);
        self.copies.push(Copy {
            step: e,
            life,
            over_at: None,
            fed_by: None,
            processor: processor.to_string(),
            field: field.to_string(),
            subject: subject.to_string(),
            start: event.at,
            via: e,
            role,
            parents,
            depth,
            end: None,
            ended_by: None,
            deleted: false,
        });
    }

    /// Steps 1 to 4 for one (field, subject).
    fn run_pair(&mut self, facts: &Facts, event: &Event, e: usize, field: &str, subject: &str) -> Pair {
        let mut pair = Pair {
            subject: subject.to_string(),
            field: field.to_string(),
            held: Vec::new(),
            support: Support::Held,
        };
        // 1. the actor's copies of (f, s) not ended by an act before e
        for (c, copy) in self.copies.iter().enumerate() {
            if is_of(copy, &event.actor, field, subject)
                && copy.via < e
                && copy.ended_by.is_none_or(|end| end >= e)
            {
                pair.held.push(c);
            }
        }
        if event.act == "delete" {
            if pair.held.is_empty() {
                pair.support = Support::Silent;
            }
            self.end(&pair.held, event, e);
            return pair;
        }
        if pair.held.is_empty() {
            // 2. the last copy, in creation order, that was ended by a delete
            let mut ghost = None;
            for (c, copy) in self.copies.iter().enumerate() {
                if is_of(copy, &event.actor, field, subject) && copy.deleted {
                    ghost = Some(c);
                }
            }
            if let Some(ghost) = ghost {
                pair.support = Support::Ineffective(ghost);
                if let Some(to) = &event.recipient {
                    self.acquire(event, e, to, field, subject, CONTRADICTED, vec![ghost]);
                }
            } else {
                // 3. nothing moves
                pair.support = Support::Unsupported;
            }
            return pair;
        }
        // 4. one new copy with all held copies as parents; assign ends the held ones (first, so that what somebody assigns
        // to itself is a new life)
        if event.act == "assign" {
            self.end(&pair.held, event, e);
        }
        if let Some(to) = &event.recipient {
            let role = match event.act.as_str() {
                _ if is_inward(facts, event, event.at) => self.role_inside(&pair.held),
                "share" | "verify" | "disclose" => OWN,
                "delegate" => DELEGATED,
                "assign" => ASSIGNED,
                other => panic!("{other} has no recipient"),
            };
            self.acquire(event, e, to, field, subject, role, pair.held.clone());
        }
        pair
    }

    fn end(&mut self, held: &[usize], event: &Event, e: usize) {
        if let Some(first) = held.first() {
            let copy = &self.copies[*first];
            let place = (copy.processor.clone(), copy.field.clone(), copy.subject.clone());
            self.changes
                .push(Change::Ended(place.0.clone(), place.1.clone(), place.2.clone()));
            self.ends.push(place);
        }
        for c in held {
            self.copies[*c].over_at = Some(self.copies.len());
            self.copies[*c].end = Some(event.at);
            self.copies[*c].ended_by = Some(e);
            self.copies[*c].deleted = event.act == "delete";
        }
    }

    /// "Derive: after its fields, per subject, if any pair was held or had a ghost: one copy per entry of `makes` …"
    fn run_makes(&mut self, event: &Event, e: usize, subject: &str, pairs: &[Pair]) {
        let mut parents: Vec<usize> = Vec::new();
        for pair in pairs {
            parents.extend(&pair.held);
            if let Support::Ineffective(ghost) = pair.support {
                parents.push(ghost);
            }
        }
        parents.sort_unstable(); // creation order
        if parents.is_empty() {
            return;
        }
        let all_delegated = parents.iter().all(|p| self.copies[*p].role == DELEGATED);
        let role = if all_delegated { DELEGATED } else { OWN };
        for field in &event.makes {
            self.acquire(event, e, &event.actor, field, subject, role, parents.clone());
        }
    }

    /// `held(e, f, s)`, remembered with the act; empty where it was not looked up.
    pub fn held(&self, e: usize, field: &str, subject: &str) -> &[usize] {
        for pair in &self.pairs[e] {
            if pair.field == field && pair.subject == subject {
                return &pair.held;
            }
        }
        &[]
    }

    /// The key (depth, start, order of acquiring act); what is left equal goes by creation order.
    pub fn rank(&self, c: usize) -> (usize, Instant, usize, usize) {
        let copy = &self.copies[c];
        (copy.depth, copy.start, copy.via, c)
    }

    /// **chain(c)**: acquiring acts from a first acquisition to c.
    pub fn chain(&self, c: usize) -> Vec<usize> {
        let mut acts = vec![self.copies[c].via];
        let mut here = c;
        while let Some(up) = self.copies[here]
            .parents
            .iter()
            .copied()
            .min_by_key(|p| self.rank(*p))
        {
            acts.push(self.copies[up].via);
            here = up;
        }
        acts.reverse();
        acts
    }

    /// Of these copies "the ones with no end or `end >= at`, or if there are none all of them; the least by
    /// (depth, start, order of acquiring act)".
    pub fn choose(&self, candidates: &[usize], at: Instant) -> Option<usize> {
        let alive: Vec<usize> = candidates
            .iter()
            .copied()
            .filter(|c| self.copies[*c].end.is_none_or(|end| end >= at))
            .collect();
        let among = if alive.is_empty() {
            candidates.to_vec()
        } else {
            alive
        };
        among.into_iter().min_by_key(|c| self.rank(*c))
    }

    /// **path(p, f, s, e)**.
    pub fn path(&self, facts: &Facts, processor: &str, field: &str, subject: &str, e: usize) -> Vec<usize> {
        let mut before = Vec::new();
        for (c, copy) in self.copies.iter().enumerate() {
            let is_before = if facts.events[e].is_moment {
                copy.start <= facts.events[e].at
            } else {
                copy.step < e
            };
            if is_of(copy, processor, field, subject) && is_before {
                before.push(c);
            }
        }
        let mut acts = match self.choose(&before, facts.events[e].at) {
            Some(c) => self.chain(c),
            None => Vec::new(),
        };
        acts.push(e);
        acts
    }

    /// `path(F)`: p = actor, f = F, s = the least subject concerned by the act.
    pub fn path_of(&self, facts: &Facts, e: usize, field: &str) -> Vec<usize> {
        let event = &facts.events[e];
        let subject = event.subjects.iter().min().expect("an act has subjects");
        self.path(facts, &event.actor, field, subject, e)
    }

    /// `path1(F)`: the same, but a collect gives e alone.
    pub fn path1_of(&self, facts: &Facts, e: usize, field: &str) -> Vec<usize> {
        if facts.events[e].act == "collect" {
            return vec![e];
        }
        self.path_of(facts, e, field)
    }
}

/// Standing acts (docs/checks.md 1).
impl Replay {
    /// docs/checks.md 1.6: "delegated if all of them are, else assigned if one of them is, else own".
    fn role_inside(&self, held: &[usize]) -> &'static str {
        let mut roles = held.iter().map(|c| self.copies[*c].role);
        if roles.clone().all(|role| role == DELEGATED) {
            DELEGATED
        } else if roles.any(|role| role == ASSIGNED) {
            ASSIGNED
        } else {
            OWN
        }
    }

    /// docs/checks.md 1.6: "came as what it was made from came", for some copies: those in their place.
    pub fn origins(&self, facts: &Facts, copies: &[usize]) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::new();
        for c in copies {
            let copy = &self.copies[*c];
            if is_inward(facts, &facts.record[copy.via], copy.start) {
                out.extend(self.origins(facts, &copy.parents));
            } else {
                out.push(*c);
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    fn live(&self, processor: &str, field: &str, subject: &str) -> Vec<usize> {
        let all = self.copies.iter().enumerate();
        all.filter(|(_, copy)| is_of(copy, processor, field, subject) && copy.ended_by.is_none())
            .map(|(c, _)| c)
            .collect()
    }

    fn life_now(&self, processor: &str, field: &str, subject: &str) -> usize {
        let same = |end: &&(String, String, String)| end.0 == processor && end.1 == field && end.2 == subject;
        self.ends.iter().filter(same).count()
    }

    /// "A standing act begins": what each pair has, then its flows in the order of subjects, fields, makes.
    fn stand(&mut self, facts: &Facts, e: usize) {
        let event = &facts.events[e];
        let mut pairs = Vec::new();
        for subject in &event.subjects {
            for field in &event.fields {
                let held = self.live(&event.actor, field, subject);
                let ghosts = self.copies.iter().enumerate();
                let ghost = ghosts
                    .filter(|(_, copy)| is_of(copy, &event.actor, field, subject) && copy.deleted)
                    .map(|(c, _)| c)
                    .next_back();
                let support = match (held.is_empty(), ghost) {
                    (false, _) => Support::Held,
                    (true, Some(ghost)) => Support::Ineffective(ghost),
                    (true, None) => Support::Unsupported,
                };
                pairs.push(Pair {
                    subject: subject.clone(),
                    field: field.clone(),
                    held,
                    support,
                });
            }
        }
        self.pairs.push(pairs);
        for subject in &event.subjects {
            for field in &event.fields {
                for (to, made) in targets(event, field) {
                    self.feed(facts, e, e, field, subject, to.as_deref(), &made);
                }
            }
        }
    }

    /// Carries on what began and supplies again what ended, until nothing changes.
    fn settle(&mut self, facts: &Facts, e: usize) {
        let now = facts.events[e].at;
        let deleted: Vec<usize> = if facts.events[e].act == "delete" {
            let all = self.copies.iter().enumerate();
            all.filter(|(_, copy)| copy.ended_by == Some(e))
                .map(|(c, _)| c)
                .collect()
        } else {
            Vec::new()
        };
        let mut next = 0;
        while next < self.changes.len() {
            let change = self.changes[next].clone();
            next += 1;
            for a in 0..=e {
                let act = &facts.events[a];
                let Some(until) = act.standing else { continue };
                if until.is_some_and(|until| until <= now) {
                    continue;
                }
                for field in &act.fields {
                    for (to, made) in targets(act, field) {
                        let subject = match &change {
                            Change::Begun(p, f, s) if *p == act.actor && f == field => s,
                            Change::Ended(p, f, s) if Some(p) == to.as_ref() && *f == made => s,
                            Change::Begun(..) | Change::Ended(..) => continue,
                        };
                        if !act.subjects.contains(subject) {
                            continue;
                        }
                        if let Some(c) = self.feed(facts, a, e, field, subject, to.as_deref(), &made) {
                            let place = &self.copies[c];
                            let back = deleted.iter().any(|d| {
                                let old = &self.copies[*d];
                                is_of(old, &place.processor, &place.field, &place.subject)
                            });
                            if back {
                                self.supplied.push((e, c));
                            }
                        }
                    }
                }
            }
        }
        self.changes.clear();
    }

    /// "One copy for each life of its source in each life of its target."
    #[allow(clippy::too_many_arguments, reason = "one argument for each part of a flow")]
    fn feed(
        &mut self,
        facts: &Facts,
        a: usize,
        e: usize,
        field: &str,
        subject: &str,
        to: Option<&str>,
        made: &str,
    ) -> Option<usize> {
        let act = &facts.events[a];
        let held = self.live(&act.actor, field, subject);
        let first = *held.first()?;
        for pair in &mut self.pairs[a] {
            if pair.field == field && pair.subject == subject && pair.support != Support::Held {
                pair.support = Support::Held;
                pair.held = held.clone();
            }
        }
        let to = to?;
        let fed_by = Some((act.actor.clone(), field.to_string(), self.copies[first].life));
        let life = self.life_now(to, made, subject);
        let is_there = self.copies.iter().any(|copy| {
            copy.via == a && is_of(copy, to, made, subject) && copy.life == life && copy.fed_by == fed_by
        });
        if is_there {
            return None;
        }
        let all_delegated = held.iter().all(|c| self.copies[*c].role == DELEGATED);
        let role = match act.act.as_str() {
            _ if is_inward(facts, act, facts.events[e].at) => self.role_inside(&held),
            "delegate" => DELEGATED,
            "derive" if all_delegated => DELEGATED,
            _ => OWN,
        };
        let mut momentary = act.clone();
        momentary.at = facts.events[e].at;
        self.acquire(&momentary, a, to, made, subject, role, held);
        let c = self.copies.len() - 1;
        self.copies[c].step = e;
        self.copies[c].fed_by = fed_by;
        Some(c)
    }

    /// How many copies there are when nothing can come to a fed copy any more.
    fn stops_growing(&self, facts: &Facts, c: usize) -> usize {
        let copy = &self.copies[c];
        let until = facts.events[copy.via].standing.flatten();
        let act = self
            .copies
            .iter()
            .position(|other| until.is_some_and(|until| other.start >= until));
        let source = self.copies[copy.parents[0]].over_at;
        [act, source, copy.over_at]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.copies.len())
    }

    /// What is directly above a copy as of the first `bound` copies, each as of how many.
    pub fn above(&self, facts: &Facts, c: usize, bound: usize) -> Vec<(usize, usize)> {
        let copy = &self.copies[c];
        let Some((processor, field, life)) = &copy.fed_by else {
            return copy.parents.iter().map(|p| (*p, c)).collect();
        };
        let bound = bound.min(self.stops_growing(facts, c));
        let all = self.copies.iter().enumerate().take(bound);
        all.filter(|(_, p)| is_of(p, processor, field, &copy.subject) && p.life == *life)
            .map(|(p, _)| (p, bound))
            .collect()
    }

    /// All that is above a copy as of the first `bound` copies, by way of copies that pass it on.
    pub fn ancestors(
        &self,
        facts: &Facts,
        c: usize,
        bound: usize,
        passes: &dyn Fn(usize) -> bool,
    ) -> Vec<usize> {
        let mut seen: Vec<(usize, usize)> = Vec::new();
        let mut open = vec![(c, bound)];
        while let Some((c, bound)) = open.pop() {
            if !passes(c) {
                continue;
            }
            for above in self.above(facts, c, bound) {
                if !seen.contains(&above) {
                    seen.push(above);
                    open.push(above);
                }
            }
        }
        let mut found: Vec<usize> = seen.into_iter().map(|(p, _)| p).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Where a flow of one field of a standing act leads: the processor, if any, and the field there.
fn targets(act: &Event, field: &str) -> Vec<(Option<String>, String)> {
    if act.act == "derive" {
        let makes = act.makes.iter();
        return makes
            .map(|made| (Some(act.actor.clone()), made.clone()))
            .collect();
    }
    vec![(act.recipient.clone(), field.to_string())]
}

fn is_of(copy: &Copy, processor: &str, field: &str, subject: &str) -> bool {
    copy.processor == processor && copy.field == field && copy.subject == subject
}
