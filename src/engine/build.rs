//! Lays a log down in columns.

use super::NO_LABEL;
use super::carried;
use super::column::number;
use super::columns::{Columns, Lives, Piece, Pieces, Rows};
use super::instants::Instants;
use super::log::{Flow, Log, Moment, Ties};
use super::marks::Marking;
use super::neighbors::Neighbors;
use super::order::{self, Row};
use super::position::Position;
use super::stops;

/// Why a log cannot be laid down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Row numbers are 31 bits wide.
    #[error("{0} rows are more than the columns can number: split the record by time or by field")]
    TooMany(usize),
    /// Nodes are numbered from 0 to `nodes`.
    #[error("node {0} is not one of the {1} nodes of the log")]
    NoSuchNode(u32, u32),
}

/// Row numbers have 31 bits.
pub(super) const ROWS_MAX: usize = (1 << 31) - 1;

/// Rows, and what is needed to find places among them.
pub(super) struct Laid {
    pub(super) rows: Rows,
    /// Moments that are no flow's own, in order, and the first row of each.
    extras: Vec<Moment>,
    extra_rows: Vec<u32>,
    /// Rows `[from, to)` inside knots.
    pub(super) knots: Vec<[u32; 2]>,
    /// Whole moments that must be run as one.
    pub(super) tangles: Vec<[u32; 2]>,
}

impl Laid {
    fn row_of(&self, moment: Moment) -> u32 {
        self.extras
            .binary_search(&moment)
            .map_or(0, |at| self.extra_rows[at])
    }
}

pub(super) fn build(log: &Log) -> Result<Columns, BuildError> {
    check(log)?;
    let mut ends: Vec<(u32, Moment)> = log
        .ends
        .iter()
        .map(|end| (end.node, log.ties.moment(end.at, end.order)))
        .collect();
    ends.sort_unstable();
    ends.dedup();
    let first = first_lives(log.nodes, &ends);
    let life_at = |node: u32, moment: Moment| {
        let (from, to) = (first[node as usize], first[node as usize + 1]);
        if to - from == 1 {
            return from;
        }
        // Lives before this node's number one more a node than ends do.
        let begun = &ends[(from - node) as usize..(to - node - 1) as usize];
        from + number(begun.partition_point(|(_, at)| *at <= moment))
    };
    let mut laid = lay_rows(log, extras(log), &life_at);
    let mut since = vec![0; first[log.nodes as usize] as usize];
    for (at, (node, moment)) in ends.iter().enumerate() {
        since[at + *node as usize + 1] = Position::of_row(laid.row_of(*moment)).0;
    }
    let starts: Vec<[u32; 2]> = log
        .seeds
        .iter()
        .map(|seed| {
            let moment = log.ties.moment(seed.at, seed.order);
            let at = Position::of_row(laid.row_of(moment));
            [life_at(seed.node, moment), at.0]
        })
        .collect();
    let mut lives = adjacency(&laid.rows, first[log.nodes as usize]);
    if !ends.is_empty() {
        (lives.first, lives.since) = (first.clone().into(), since.into());
    }
    let mut columns = Columns {
        ties: Some(log.ties),
        lives,
        starts: starts.into(),
        ..Columns::default()
    };
    columns.pieces = pieces(&columns, log, &laid);
    let (standing, mut stops) = stops::stops(&columns, &laid);
    carried::lay(&mut columns, &mut laid, &standing, &mut stops)?;
    columns.stops = stops.into();
    columns.rows = laid.rows;
    Ok(columns)
}

fn check(log: &Log) -> Result<(), BuildError> {
    let extra = log.ends.len() + 2 * log.standing.len() + log.seeds.len();
    let most = log.flows.len() + extra;
    if most >= ROWS_MAX || log.nodes as usize + log.ends.len() >= 1 << 31 {
        return Err(BuildError::TooMany(most));
    }
    let flows = log.flows.iter().flat_map(|flow| [flow.from, flow.to]);
    let standing = log.standing.iter().flat_map(|flow| [flow.from, flow.to]);
    let places = log
        .ends
        .iter()
        .map(|end| end.node)
        .chain(log.seeds.iter().map(|seed| seed.node));
    match flows
        .chain(standing)
        .chain(places)
        .find(|node| *node >= log.nodes)
    {
        Some(node) => Err(BuildError::NoSuchNode(node, log.nodes)),
        None => Ok(()),
    }
}

/// Moments at which something other than a flow happens, in order.
fn extras(log: &Log) -> Vec<Moment> {
    let ties = log.ties;
    let mut extras: Vec<Moment> = log
        .ends
        .iter()
        .map(|end| ties.moment(end.at, end.order))
        .chain(log.seeds.iter().map(|seed| ties.moment(seed.at, seed.order)))
        .chain(
            log.standing
                .iter()
                .map(|flow| ties.moment(flow.since, flow.order)),
        )
        .chain(
            log.standing
                .iter()
                .filter_map(|flow| flow.until.map(Ties::before)),
        )
        .collect();
    extras.sort_unstable();
    extras.dedup();
    extras
}

fn first_lives(nodes: u32, ends: &[(u32, Moment)]) -> Vec<u32> {
    let mut first = vec![1_u32; nodes as usize + 1];
    for (node, _) in ends {
        first[*node as usize] += 1;
    }
    let mut sum = 0;
    for count in &mut first {
        let here = *count;
        *count = sum;
        sum += here;
    }
    first
}

fn lay_rows(log: &Log, extras: Vec<Moment>, life_at: &dyn Fn(u32, Moment) -> u32) -> Laid {
    let moment_of = |flow: &Flow| log.ties.moment(flow.at, flow.order);
    let sorted = in_order(log);
    let flow = |at: usize| match &sorted {
        Some(order) => &log.flows[order[at] as usize],
        None => &log.flows[at],
    };
    let most = log.flows.len() + extras.len();
    let mut columns: [Vec<u32>; 3] = [(); 3].map(|()| Vec::with_capacity(most));
    let mut marking = Marking::default();
    let mut instants = Vec::new();
    let mut extra_rows = Vec::with_capacity(extras.len());
    let (mut knots, mut tangles) = (Vec::new(), Vec::new());
    let mut together: Vec<Row> = Vec::new();
    let mut next = 0;
    loop {
        let of_flow = (next < log.flows.len()).then(|| moment_of(flow(next)));
        let of_extra = extras.get(extra_rows.len()).copied();
        let Some(moment) = [of_flow, of_extra].into_iter().flatten().min() else {
            break;
        };
        let first = number(columns[0].len());
        if of_extra == Some(moment) {
            extra_rows.push(first);
        }
        together.clear();
        while next < log.flows.len() && moment_of(flow(next)) == moment {
            let flow = flow(next);
            together.push(Row {
                from: life_at(flow.from, moment),
                to: life_at(flow.to, moment),
                label: flow.label,
            });
            next += 1;
        }
        if together.len() > 1 {
            let found = order::arrange(&mut together, log.ties.chains());
            if log.ties.chains() {
                let stretch = |(from, to)| [first + number(from), first + number(to)];
                knots.extend(found.into_iter().map(stretch));
            } else if !found.is_empty() {
                tangles.push([first, first + number(together.len())]);
            }
        }
        if together.is_empty() {
            together.push(Row {
                from: 0,
                to: 0,
                label: NO_LABEL,
            });
        }
        instants.push(moment.0);
        for (at, row) in together.iter().enumerate() {
            columns[0].push(row.from);
            columns[1].push(row.to);
            columns[2].push(row.label);
            marking.push(at == 0);
        }
    }
    let [from, to, label] = columns;
    Laid {
        rows: Rows {
            from: from.into(),
            to: to.into(),
            label: label.into(),
            marks: marking.finish(),
            instants: Instants::new(instants),
            ..Rows::default()
        },
        extras,
        extra_rows,
        knots,
        tangles,
    }
}

/// The order of the flows by moment; nothing when they are in order already.
fn in_order(log: &Log) -> Option<Vec<u32>> {
    let key = |flow: &Flow| log.ties.moment(flow.at, flow.order);
    if log.flows.is_sorted_by_key(key) {
        return None;
    }
    let mut order: Vec<u32> = (0..number(log.flows.len())).collect();
    order.sort_unstable_by_key(|at| key(&log.flows[*at as usize]));
    Some(order)
}

/// Both adjacencies by counting: rows come in order of time, so each life's neighbors do.
fn adjacency(rows: &Rows, lives: u32) -> Lives {
    // A row that stays where it is leads nowhere, but is among what its life does.
    let lay = |near: &[u32], far: &[u32], with_own: bool| {
        let is_way = |near: u32, far: u32, label: u32| near != far || with_own && label != NO_LABEL;
        let mut begins = vec![0_u32; lives as usize + 1];
        for ((near, far), label) in near.iter().zip(far).zip(rows.label.iter()) {
            begins[*near as usize + 1] += u32::from(is_way(*near, *far, *label));
        }
        for life in 0..lives as usize {
            begins[life + 1] += begins[life];
        }
        let mut next: Vec<u32> = begins[..lives as usize].to_vec();
        let mut all = Neighbors::with_room(begins[lives as usize] as usize, rows.marks.rows, lives);
        for (row, ((near, far), label)) in (0..).zip(near.iter().zip(far).zip(rows.label.iter())) {
            if is_way(*near, *far, *label) {
                let slot = &mut next[*near as usize];
                all.put(*slot as usize, [*far, row]);
                *slot += 1;
            }
        }
        (begins, all)
    };
    let (out_begins, out) = lay(&rows.from, &rows.to, true);
    let (into_begins, into) = lay(&rows.to, &rows.from, false);
    Lives {
        out_begins: out_begins.into(),
        out,
        into_begins: into_begins.into(),
        into,
        ..Lives::default()
    }
}

fn pieces(columns: &Columns, log: &Log, laid: &Laid) -> Pieces {
    let mut all: Vec<Piece> = Vec::new();
    for flow in &log.standing {
        let opens = Position::of_row(laid.row_of(log.ties.moment(flow.since, flow.order))).0;
        let closes = flow.until.map_or(u32::MAX, |until| {
            Position::of_row(laid.row_of(Ties::before(until))).0
        });
        // Both nodes' lives in order of time: what overlaps is a piece.
        let (mut from, mut to) = (columns.lives_of(flow.from), columns.lives_of(flow.to));
        while !from.is_empty() && !to.is_empty() {
            let (a, b) = (columns.span(from.start), columns.span(to.start));
            let piece = Piece {
                from: from.start,
                to: to.start,
                opens: opens.max(a.0).max(b.0),
                closes: closes.min(a.1).min(b.1),
                label: flow.label,
            };
            if piece.opens < piece.closes {
                all.push(piece);
            }
            if a.1 <= b.1 {
                from.start += 1;
            }
            if b.1 <= a.1 {
                to.start += 1;
            }
        }
    }
    if all.is_empty() {
        return Pieces::default();
    }
    all.sort_unstable_by_key(|piece| (piece.from, piece.opens, piece.to, piece.closes, piece.label));
    let begins = |sorted: &mut dyn Iterator<Item = u32>| {
        let mut begins = vec![0_u32; columns.lives() as usize + 1];
        for life in sorted {
            begins[life as usize + 1] += 1;
        }
        for life in 0..columns.lives() as usize {
            begins[life + 1] += begins[life];
        }
        begins
    };
    let mut into: Vec<u32> = (0..number(all.len())).collect();
    into.sort_by_key(|at| all[*at as usize].to);
    Pieces {
        out_begins: begins(&mut all.iter().map(|piece| piece.from)).into(),
        into_begins: begins(&mut all.iter().map(|piece| piece.to)).into(),
        all: all.into(),
        into: into.into(),
    }
}
