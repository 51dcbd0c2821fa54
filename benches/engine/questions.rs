//! The questions that are compared with other engines: plain reach, timed reach, a party, the audit.

use std::borrow::Cow;

use wherefore::engine::{
    Arrivals, Carrier, Change, Columns, Extents, Frontier, Goal, Lanes, Limits, Meeting, Policy, Position,
    Start, Watch, Wide, audit,
};

use crate::graph::{CATEGORIES, Graph, MINUTES, PURPOSES};

/// Twenty of the sensitive fields, spread over all.
pub fn probes(graph: &Graph) -> Vec<(u32, i64)> {
    let count = graph.field.len();
    (0..count)
        .step_by((count / 20).max(1))
        .take(20)
        .map(|at| (graph.field[at] as u32, i64::from(graph.birth[at])))
        .collect()
}

/// Every party that a field reached, and the sum of the minutes in which it first did. Rows stand for the times: they are
/// looked up once for each party.
pub struct Parties {
    /// The first row that brought to each party.
    first: Vec<u32>,
    touched: Vec<usize>,
}

impl Parties {
    pub fn new(graph: &Graph) -> Self {
        Self {
            first: vec![u32::MAX; graph.parties()],
            touched: Vec::new(),
        }
    }

    pub fn reached(
        &mut self,
        graph: &Graph,
        columns: &Columns,
        arrivals: &mut Arrivals,
        probe: (u32, i64),
    ) -> (usize, i64) {
        let start = columns.start(probe.0, probe.1);
        arrivals.run(columns, &[start], Position::LAST);
        for life in arrivals.reached().filter(|life| *life != start.life) {
            let party = graph.party[columns.node_of(life) as usize] as usize;
            let row = arrivals.arrival(life).map_or(u32::MAX, Position::row);
            if self.first[party] == u32::MAX {
                self.touched.push(party);
            }
            self.first[party] = self.first[party].min(row);
        }
        let instants = self
            .touched
            .iter()
            .map(|party| columns.instant(self.first[*party]));
        let (count, sum) = (self.touched.len(), instants.sum());
        for party in self.touched.drain(..) {
            self.first[party] = u32::MAX;
        }
        arrivals.forget();
        (count, sum)
    }
}

/// Whether a field reached a party.
pub fn reaches(
    graph: &Graph,
    columns: &Columns,
    frontier: &mut Frontier,
    probe: (u32, i64),
    party: i32,
) -> bool {
    let start = columns.start(probe.0, probe.1);
    let limits = Limits {
        goal: Goal::Fewest,
        ..Limits::NONE
    };
    let wanted = |life| graph.party[columns.node_of(life) as usize] == party && life != start.life;
    frontier.run(columns, &[start], limits, wanted).is_some()
}

/// The lives of each party, one party behind the other.
pub struct Members {
    begins: Vec<usize>,
    lives: Vec<u32>,
}

impl Members {
    /// Holdings of a party have neighboring numbers, and without ends each has one life.
    pub fn new(graph: &Graph) -> Self {
        let parties = 0..=graph.parties();
        Self {
            begins: parties
                .map(|party| graph.party.partition_point(|other| (*other as usize) < party))
                .collect(),
            lives: (0..graph.nodes() as u32).collect(),
        }
    }

    /// The same question, by a search from both ends; the acts of its chain.
    pub fn reaches(
        &self,
        columns: &Columns,
        meeting: &mut Meeting,
        probe: (u32, i64),
        party: i32,
    ) -> Option<usize> {
        let start = columns.start(probe.0, probe.1);
        let chain = meeting.run(columns, &[start], &self.others(start, party), Position::LAST)?;
        Some(chain.len() - 1)
    }

    /// The same question, asked of what the fields are known to reach first.
    pub fn reaches_by(
        &self,
        columns: &Columns,
        extents: &Extents,
        meeting: &mut Meeting,
        probe: (u32, i64),
        party: i32,
    ) -> Option<usize> {
        let start = columns.start(probe.0, probe.1);
        let extent = extents.of(start)?;
        let mut wanted = self.others(start, party).into_owned();
        wanted.retain(|life| extent.has(*life));
        if wanted.is_empty() {
            return None;
        }
        let chain = meeting.run_within(columns, &[start], &wanted, Position::LAST, |life| {
            extent.has(life)
        })?;
        Some(chain.len() - 1)
    }

    /// The lives of a party without the one where data begins.
    fn others(&self, start: Start, party: i32) -> Cow<'_, [u32]> {
        let at = party as usize;
        let lives = &self.lives[self.begins[at]..self.begins[at + 1]];
        if lives.contains(&start.life) {
            lives.iter().copied().filter(|life| *life != start.life).collect()
        } else {
            Cow::Borrowed(lives)
        }
    }
}

/// What the authorizations of a graph forbid: for each receiving party and purpose, at each time, a set of categories.
pub struct Authorizations {
    pub policy: Policy,
    /// The categories each class forbids.
    pub classes: Vec<u32>,
    /// For each party and purpose, where its authorizations begin.
    begins: Vec<usize>,
    /// Category, first and last minute, by party and purpose.
    rows: Vec<(u32, i32, i32)>,
}

/// Class 0 forbids nothing; a flow abroad is watched whatever it carries.
const ABROAD: u32 = 1;

impl Authorizations {
    /// For the fields of the graph: what is forbidden to others alone is left out.
    pub fn new(graph: &Graph, columns: &Columns) -> Self {
        let (begins, rows) = by_key(graph);
        let cats = graph.field.iter().map(|node| graph.cat[*node as usize]);
        let asked = cats.fold(0, |set, cat| set | 1_u32 << cat);
        let mut numbers = vec![u32::MAX; 1 << CATEGORIES];
        numbers[0] = 0;
        let mut classes = vec![0, u32::MAX];
        let mut class_of = vec![0; graph.labels()];
        let mut changes = Vec::new();
        let mut minutes: Vec<i32> = Vec::new();
        for (key, ends) in begins.windows(2).enumerate() {
            let rows = &rows[ends[0]..ends[1]];
            minutes.clear();
            minutes.push(0);
            minutes.extend(rows.iter().flat_map(|(_, t0, t1)| [*t0, t1 + 1]));
            minutes.retain(|minute| *minute <= MINUTES);
            minutes.sort_unstable();
            minutes.dedup();
            // Labels of flows at home are odd, those of flows abroad even.
            let label = 2 * key + 1;
            class_of[label + 1] = ABROAD;
            let mut last = None;
            for minute in &minutes {
                let set = forbidden(rows, *minute) & asked;
                let number = &mut numbers[set as usize];
                if *number == u32::MAX {
                    *number = classes.len() as u32;
                    classes.push(set);
                }
                match last {
                    None => class_of[label] = *number,
                    Some(before) if before == *number => {}
                    Some(_) => changes.push(Change {
                        at: columns.position(i64::from(*minute)),
                        label: label as u32,
                        class: *number,
                    }),
                }
                last = Some(*number);
            }
        }
        Self {
            policy: Policy::new(classes.len() as u32, class_of, changes),
            classes,
            begins,
            rows,
        }
    }

    fn of(&self, key: usize) -> &[(u32, i32, i32)] {
        &self.rows[self.begins[key]..self.begins[key + 1]]
    }
}

/// Authorizations by party and purpose, and where those of each begin.
fn by_key(graph: &Graph) -> (Vec<usize>, Vec<(u32, i32, i32)>) {
    let keys = || graph.auth_party.iter().zip(&graph.auth_purpose);
    let key = |(party, purpose): (&i32, &i32)| *party as usize * PURPOSES + *purpose as usize;
    let mut begins = vec![0; graph.parties() * PURPOSES + 1];
    for at in keys() {
        begins[key(at) + 1] += 1;
    }
    for at in 1..begins.len() {
        begins[at] += begins[at - 1];
    }
    let mut free = begins.clone();
    let mut rows = vec![(0, 0, 0); graph.auth_party.len()];
    for (at, place) in keys().map(key).enumerate() {
        rows[free[place]] = (graph.auth_cat[at] as u32, graph.auth_t0[at], graph.auth_t1[at]);
        free[place] += 1;
    }
    (begins, rows)
}

/// The categories that no authorization covers at the minute.
fn forbidden(rows: &[(u32, i32, i32)], minute: i32) -> u32 {
    let covers = |(_, t0, t1): &&(u32, i32, i32)| *t0 <= minute && minute <= *t1;
    let permitted = rows
        .iter()
        .filter(covers)
        .fold(0, |set, (cat, _, _)| set | 1 << cat);
    !permitted & ((1 << CATEGORIES) - 1)
}

/// Collects which sources enter which party without authorization, and counts crossings.
pub struct Found<'a> {
    columns: &'a Columns,
    graph: &'a Graph,
    authorizations: &'a Authorizations,
    /// For each category, the sources of this block that belong to it.
    of_category: Vec<Wide>,
    parties: Vec<Wide>,
    crossings: u64,
}

impl<'a> Found<'a> {
    pub fn new(
        graph: &'a Graph,
        columns: &'a Columns,
        authorizations: &'a Authorizations,
        sources: &[usize],
    ) -> Self {
        let mut of_category = vec![Wide::default(); CATEGORIES];
        for (place, source) in sources.iter().enumerate() {
            let category = graph.cat[graph.field[*source] as usize] as usize;
            of_category[category] = of_category[category].or(Wide::one(place));
        }
        Self {
            columns,
            graph,
            authorizations,
            of_category,
            parties: vec![Wide::default(); graph.parties()],
            crossings: 0,
        }
    }
}

impl Watch<Wide> for Found<'_> {
    fn forbidden(&mut self, by: Carrier, label: u32, at: Position, sources: Wide) {
        let party = (label as usize - 1) / 2 / PURPOSES;
        let mut wrong = sources;
        if (label - 1) % 2 == 1 {
            if matches!(by, Carrier::Row(_)) {
                self.crossings += sources
                    .words()
                    .iter()
                    .map(|word| u64::from(word.count_ones()))
                    .sum::<u64>();
            }
            let rows = self.authorizations.of((label as usize - 1) / 2);
            let set = forbidden(rows, self.columns.instant(at.row()) as i32);
            let all = (0..CATEGORIES).filter(|category| set >> category & 1 == 1);
            wrong = all
                .fold(Wide::default(), |mask, category| {
                    mask.or(self.of_category[category])
                })
                .and(sources);
        }
        let seen = &mut self.parties[party];
        *seen = seen.or(wrong);
        let _ = self.graph;
    }
}

/// Pairs of field and party without authorization, crossings, and the sum of the parties of those pairs.
pub fn whole_audit(
    graph: &Graph,
    columns: &Columns,
    authorizations: &Authorizations,
    starts: &[Start],
    workers: usize,
) -> [u64; 3] {
    let forbids = |class: u32, source: usize| {
        let set = authorizations.classes[class as usize];
        set >> graph.cat[graph.field[source] as usize] & 1 == 1
    };
    let watch = |sources: &[usize]| Found::new(graph, columns, authorizations, sources);
    let blocks = audit(columns, starts, &authorizations.policy, forbids, watch, workers);
    let mut sums = [0; 3];
    for block in blocks {
        sums[1] += block.watch.crossings;
        for (party, sources) in (0..).zip(&block.watch.parties) {
            let count = sources
                .words()
                .iter()
                .map(|word| u64::from(word.count_ones()))
                .sum::<u64>();
            sums[0] += count;
            sums[2] += count * party;
        }
    }
    sums
}

/// Where the sensitive fields begin.
pub fn starts(graph: &Graph, columns: &Columns) -> Vec<Start> {
    let births = graph.field.iter().zip(&graph.birth);
    births
        .map(|(node, minute)| columns.start(*node as u32, i64::from(*minute)))
        .collect()
}
