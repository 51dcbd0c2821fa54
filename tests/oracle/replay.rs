//! Replay: copies, witnesses (docs/checks.md 1).

use super::facts::{Event, Facts, Instant};

pub const OWN: &str = "own";
pub const DELEGATED: &str = "delegated";
pub const ASSIGNED: &str = "assigned";
pub const CONTRADICTED: &str = "contradicted";

/// "A copy has …". Acts are indexes into `facts.events`, copies indexes into `Replay::copies` (the creation order).
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
}

/// What steps 1 to 4 found for one (field, subject) of an act.
#[derive(PartialEq)]
pub enum Support {
    Held,
    /// With the ghost.
    Ineffective(usize),
    Unsupported,
    /// A delete that ended nothing.
    Silent,
}

pub struct Pair {
    pub subject: String,
    pub field: String,
    pub held: Vec<usize>,
    pub support: Support,
}

pub struct Replay {
    pub copies: Vec<Copy>,
    /// Per act, in order: subjects as listed, inside that fields as listed. Empty for collect and correct.
    pub pairs: Vec<Vec<Pair>>,
}

/// docs/checks.md 1: "Acts are run in order; inside an act over subjects as listed, inside that over fields as listed."
pub fn replay(facts: &Facts) -> Replay {
    let mut replay = Replay {
        copies: Vec::new(),
        pairs: Vec::new(),
    };
    for (e, event) in facts.events.iter().enumerate() {
        let mut pairs = Vec::new();
        for subject in &event.subjects {
            let mut of_subject = Vec::new();
            for field in &event.fields {
                match event.act.as_str() {
                    "collect" => replay.acquire(event, e, &event.actor, field, subject, OWN, Vec::new()),
                    "correct" => {}
                    _ => of_subject.push(replay.run_pair(event, e, field, subject)),
                }
            }
            if event.act == "derive" {
                replay.run_makes(event, e, subject, &of_subject);
            }
            pairs.extend(of_subject);
        }
        replay.pairs.push(pairs);
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
        self.copies.push(Copy {
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
    fn run_pair(&mut self, event: &Event, e: usize, field: &str, subject: &str) -> Pair {
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
        // 4. one new copy with all held copies as parents; assign then ends the held ones
        if let Some(to) = &event.recipient {
            let role = match event.act.as_str() {
                "share" | "verify" | "disclose" => OWN,
                "delegate" => DELEGATED,
                "assign" => ASSIGNED,
                other => panic!("{other} has no recipient"),
            };
            self.acquire(event, e, to, field, subject, role, pair.held.clone());
        }
        if event.act == "assign" {
            self.end(&pair.held, event, e);
        }
        pair
    }

    fn end(&mut self, held: &[usize], event: &Event, e: usize) {
        for c in held {
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
            if is_of(copy, processor, field, subject) && copy.via < e {
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

fn is_of(copy: &Copy, processor: &str, field: &str, subject: &str) -> bool {
    copy.processor == processor && copy.field == field && copy.subject == subject
}
