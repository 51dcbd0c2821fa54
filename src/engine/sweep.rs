//! One pass over all rows for many sources at once: who holds what, and which acts carry what they may not.
//!
//! Between two stops the pass has no branch that depends on the data but one, for what is forbidden. What standing flows
//! carry stands among the rows. Stops are where something else happens: a source begins, what a label permits changes,
//! very many standing flows pass on what is brought, rows of one moment must be run together.

use rustc_hash::FxHashMap;

use super::column::number;
use super::columns::{Columns, Piece, Start, stop};
use super::lanes::Lanes;
use super::policy::{Change, Policy};
use super::position::Position;
use super::stretch::{self, AHEAD, Classes, FORBIDS_NOTHING, Nothing, Often, Seldom};
use crate::sys::prefetch;

/// Of how many rows it is seen whether labels that forbid anything are many.
const ROWS_LOOKED_AT: usize = 256;

/// Where fewer than one row in so many has a label that forbids anything, only those look at what it is. A set of one word
/// is held against a mask at less cost than one of eight, so that a branch that is foretold wrongly must be rarer.
const fn seldom<L>() -> usize {
    if size_of::<L>() > size_of::<u64>() { 8 } else { 16 }
}

/// What carried something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// A row.
    Row(u32),
    /// A standing flow, by the number of its piece.
    Piece(u32),
}

/// What is told of acts that carry what their label forbids.
pub trait Watch<L> {
    /// The act carried data of these sources at the position, though its label forbids them. It may be told more
    /// than once.
    fn forbidden(&mut self, by: Carrier, label: u32, at: Position, sources: L);
}

impl<L, F: FnMut(Carrier, u32, Position, L)> Watch<L> for F {
    fn forbidden(&mut self, by: Carrier, label: u32, at: Position, sources: L) {
        self(by, label, at, sources);
    }
}

/// What was told of the pieces that have the same ends and label and are open.
#[derive(Default)]
struct Told<L> {
    sources: L,
    /// Here the next of them opens, which is told of all that is forbidden then.
    until: u32,
}

/// The pass of up to [`Lanes::COUNT`] sources over a graph.
pub struct Sweep<'c, L> {
    columns: &'c Columns,
    /// What each life holds by now.
    held: Vec<L>,
    /// The class of each label by now.
    classes: Classes,
    /// What each class forbids; the first one nothing.
    masks: Vec<L>,
    /// Whether labels that forbid anything are few.
    is_seldom: bool,
    changes: Vec<Change>,
    /// Pieces by label, of labels that change.
    by_label: Vec<(u32, u32)>,
    /// Lives that gained and whose gain has not been passed on yet.
    gained: Vec<(u32, L)>,
    /// While a tangle runs: lives that gained.
    tangled: Option<Vec<u32>>,
    /// What was told of rows that stand for pieces, by their ends and label.
    told: FxHashMap<[u32; 3], Told<L>>,
}

impl<'c, L: Lanes> Sweep<'c, L> {
    /// A pass whose place `i` is forbidden by a class when `forbids(class, i)` says so.
    pub fn new(
        columns: &'c Columns,
        policy: &Policy,
        forbids: impl Fn(u32, usize) -> bool,
        places: usize,
    ) -> Self {
        let mask = |class| {
            (0..places)
                .filter(|place| class != 0 && forbids(class, *place))
                .fold(L::default(), |mask, place| mask.or(L::one(place)))
        };
        // Classes that forbid the same to these sources are one: what moves a label between them is no stop.
        let mut masks = vec![L::default()];
        let mut known: FxHashMap<Vec<u64>, u32> =
            FxHashMap::from_iter([(masks[0].words().to_vec(), FORBIDS_NOTHING)]);
        let one_of: Vec<u32> = (0..policy.classes)
            .map(|class| {
                let mask = mask(class);
                *known.entry(mask.words().to_vec()).or_insert_with(|| {
                    masks.push(mask);
                    number(masks.len()) - 1
                })
            })
            .collect();
        let class_of: Vec<u32> = policy
            .class_of
            .iter()
            .map(|class| one_of[*class as usize])
            .collect();
        let mut by_now = class_of.clone();
        let moves = |change: &Change| {
            let class = one_of[change.class as usize];
            let is_other = std::mem::replace(&mut by_now[change.label as usize], class) != class;
            is_other.then_some(Change { class, ..*change })
        };
        let changes: Vec<Change> = policy.changes.iter().filter_map(moves).collect();
        let by_label = by_label(columns, &changes, class_of.len());
        Self {
            columns,
            held: vec![L::default(); columns.lives() as usize],
            classes: Classes::new(masks.len(), class_of),
            masks,
            is_seldom: false,
            changes,
            by_label,
            gained: Vec::new(),
            tangled: None,
            told: FxHashMap::default(),
        }
    }

    /// What each life holds at the end.
    pub fn held(&self) -> &[L] {
        &self.held
    }

    /// Runs over all rows; the source at place `i` begins at `starts[i]`.
    ///
    /// Cost: the rows behind the first start. Each row reads two states that lie anywhere.
    ///
    /// # Panics
    /// When the policy does not know a label of the graph.
    pub fn run(&mut self, starts: &[Start], watch: &mut impl Watch<L>) {
        let columns = self.columns;
        let rows = columns.rows();
        let mut sources: Vec<(u32, u32, usize)> = starts
            .iter()
            .enumerate()
            .map(|(place, start)| (self.due(start.at), columns.settled(start.at).0, place))
            .collect();
        sources.sort_unstable();
        let Some((mut row, _, _)) = sources.first().copied() else {
            return;
        };
        let in_time = columns.in_time();
        self.is_seldom = self.is_seldom(&in_time[2][row.min(rows) as usize..]);
        let stops = &columns.stops[..];
        let mut stop = stops.partition_point(|[at, ..]| *at < row);
        let (mut source, mut change) = (0, 0);
        loop {
            // What depends on the question is due at few rows; what the graph knows is in its stops.
            let due_source = sources.get(source).map_or(u32::MAX, |(due, _, _)| *due);
            let due_change = self
                .changes
                .get(change)
                .map_or(u32::MAX, |change| change.at.row());
            if due_source.min(due_change) <= row {
                let opens = stops
                    .get(stop)
                    .filter(|[at, what, ..]| *at == row && what & stop::KIND == stop::OPENING);
                let opens = opens.map_or(u32::MAX, |[_, what, ..]| columns.piece(what & stop::NUMBER).opens);
                let changes = if due_change <= row {
                    self.changes[change].at.0
                } else {
                    u32::MAX
                };
                let begins = if due_source <= row {
                    sources[source].1
                } else {
                    u32::MAX
                };
                // In order of time; of one moment, what is forbidden is known first.
                if changes <= opens.min(begins) {
                    self.change(self.changes[change], watch);
                    change += 1;
                    continue;
                }
                if begins < opens {
                    let (_, at, place) = sources[source];
                    self.gain(starts[place].life, L::one(place));
                    self.pass_on(at, watch);
                    source += 1;
                    continue;
                }
            }
            match stops.get(stop) {
                Some([at, what, a, b, label]) if *at == row => {
                    self.fetch_stop(stop + 4);
                    stop += 1;
                    match what & stop::KIND {
                        stop::OPENING => self.open(what & stop::NUMBER, watch),
                        stop::BUSY => {
                            self.busy(row, [*a, *b, *label], watch);
                            row += 1;
                        }
                        stop::KNOT => {
                            self.knot(row, *a, watch);
                            row = *a;
                        }
                        _ => {
                            self.tangle(row, *a, watch);
                            row = *a;
                        }
                    }
                }
                _ if row >= rows => return,
                next => {
                    let next = next.map_or(rows, |[at, ..]| *at);
                    let end = next
                        .min(due_change.max(row + 1))
                        .min(due_source.max(row + 1))
                        .min(rows);
                    self.plain(in_time, row as usize, end as usize, watch);
                    row = end;
                }
            }
        }
    }

    /// A piece opens and brings what is there.
    fn open(&mut self, number: u32, watch: &mut impl Watch<L>) {
        let piece = self.columns.piece(number);
        self.bring(number, piece, piece.opens, self.held[piece.from as usize], watch);
        self.pass_on(piece.opens, watch);
    }

    /// A row whose target passes on at once.
    #[inline]
    fn busy(&mut self, row: u32, [from, to, label]: [u32; 3], watch: &mut impl Watch<L>) {
        let rows = &self.columns.rows;
        if let (Some(from), Some(to)) = (
            rows.from.get(row as usize + AHEAD),
            rows.to.get(row as usize + AHEAD),
        ) {
            prefetch(&self.held, *from as usize);
            prefetch(&self.held, *to as usize);
        }
        let carried = self.held[from as usize];
        let forbidden = carried.and(self.mask(label));
        if !forbidden.is_empty() {
            watch.forbidden(Carrier::Row(row), label, Position::of_row(row), forbidden);
        }
        if !carried.without(self.held[to as usize]).is_empty() {
            self.gain(to, carried);
            self.pass_on(Position::of_row(row).0, watch);
        }
    }

    /// Brings near what a stop will need.
    #[inline]
    fn fetch_stop(&self, stop: usize) {
        if let Some([_, _, from, to, _]) = self.columns.stops.get(stop) {
            prefetch(&self.held, *from as usize);
            prefetch(&self.held, *to as usize);
        }
    }

    /// The row before which something at the position must have happened.
    fn due(&self, at: Position) -> u32 {
        self.columns.ready(at)
    }

    /// Rows without anything between them.
    fn plain(&mut self, rows: [&[u32]; 3], from: usize, to: usize, watch: &mut impl Watch<L>) {
        let mut row = from;
        loop {
            row = self.stretch(rows, row, to);
            if row == to {
                return;
            }
            // What is found is told outside the loop, so that nothing has to be at hand for it in there.
            self.tell(number(row), watch);
            let carried = self.held[rows[0][row] as usize];
            let target = &mut self.held[rows[1][row] as usize];
            *target = target.or(carried);
            row += 1;
        }
    }

    /// The rows up to the first one that carries what it may not.
    #[inline]
    fn stretch(&mut self, rows: [&[u32]; 3], from: usize, to: usize) -> usize {
        let (held, masks) = (&mut self.held[..], &self.masks[..]);
        match (&self.classes, self.is_seldom) {
            _ if masks.len() == 1 => stretch::run(held, rows, from, to, Nothing),
            (Classes::Few(class_of), true) => {
                stretch::run(held, rows, from, to, Seldom(Often { class_of, masks }))
            }
            (Classes::Few(class_of), false) => stretch::run(held, rows, from, to, Often { class_of, masks }),
            (Classes::Many(class_of), true) => {
                stretch::run(held, rows, from, to, Seldom(Often { class_of, masks }))
            }
            (Classes::Many(class_of), false) => stretch::run(held, rows, from, to, Often { class_of, masks }),
        }
    }

    /// Whether few rows from here on have a label that forbids anything, as it is now.
    fn is_seldom(&self, labels: &[u32]) -> bool {
        let every = labels.len().div_ceil(ROWS_LOOKED_AT).max(1);
        let looked_at = labels.len().div_ceil(every);
        let forbids = |label: &&u32| self.classes.get(**label) != FORBIDS_NOTHING;
        self.masks.len() > 1
            && labels.iter().step_by(every).filter(forbids).count() * seldom::<L>() < looked_at
    }

    /// A row carries what it may not. Of one that stands for pieces, what was told of them is not told again.
    #[cold]
    #[inline(never)]
    fn tell(&mut self, row: u32, watch: &mut impl Watch<L>) {
        let (columns, at) = (self.columns, Position::of_row(row));
        let ((from, to), label) = (columns.ends_of(row), columns.label(row));
        let forbidden = self.held[from as usize].and(self.mask(label));
        if !columns.is_standing(row) {
            watch.forbidden(Carrier::Row(row), label, at, forbidden);
            return;
        }
        // Most such rows bring nothing new, and their pieces are not looked for.
        let told = self.told.entry([from, to, label]).or_default();
        if at.0 < told.until && forbidden.without(told.sources).is_empty() {
            return;
        }
        told.sources = told.sources.or(forbidden);
        told.until = u32::MAX;
        for (number, piece) in columns.alike(row) {
            if piece.opens <= at.0 {
                watch.forbidden(Carrier::Piece(number), label, at, forbidden);
            } else {
                told.until = told.until.min(piece.opens);
            }
        }
    }

    fn mask(&self, label: u32) -> L {
        self.masks[self.classes.get(label) as usize]
    }

    fn judge_row(&mut self, row: u32, carried: L, watch: &mut impl Watch<L>) {
        let label = self.columns.label(row);
        let forbidden = carried.and(self.mask(label));
        if !forbidden.is_empty() {
            watch.forbidden(Carrier::Row(row), label, Position::of_row(row), forbidden);
        }
    }

    fn judge_piece(&mut self, number: u32, label: u32, at: u32, carried: L, watch: &mut impl Watch<L>) {
        let forbidden = carried.and(self.mask(label));
        if !forbidden.is_empty() {
            watch.forbidden(Carrier::Piece(number), label, Position(at), forbidden);
        }
    }

    /// A standing flow carries.
    fn bring(&mut self, number: u32, piece: Piece, at: u32, carried: L, watch: &mut impl Watch<L>) {
        self.judge_piece(number, piece.label, at, carried, watch);
        self.gain(piece.to, carried);
    }

    fn gain(&mut self, life: u32, carried: L) {
        let held = &mut self.held[life as usize];
        let new = carried.without(*held);
        if !new.is_empty() {
            *held = held.or(new);
            self.gained.push((life, new));
            if let Some(tangled) = &mut self.tangled {
                tangled.push(life);
            }
        }
    }

    /// Passes gains on by the standing flows that are open.
    fn pass_on(&mut self, at: u32, watch: &mut impl Watch<L>) {
        let pieces = &self.columns.pieces;
        while let Some((life, new)) = self.gained.pop() {
            let first = pieces.out_begins.get(life as usize).copied().unwrap_or(0);
            for (number, piece) in (first..).zip(pieces.out(life)) {
                if piece.opens <= at && at < piece.closes {
                    self.bring(number, *piece, at, new, watch);
                }
            }
        }
    }

    /// What a label permits changes; standing flows with that label are judged anew.
    fn change(&mut self, change: Change, watch: &mut impl Watch<L>) {
        self.classes.set(change.label, change.class);
        let at = self.columns.settled(change.at).0;
        let from = self.by_label.partition_point(|(label, _)| *label < change.label);
        for place in from..self.by_label.len() {
            let (label, number) = self.by_label[place];
            if label != change.label {
                break;
            }
            let piece = self.columns.piece(number);
            if piece.opens <= at && at < piece.closes {
                // One that opens at this very moment brings when its turn comes.
                self.judge_piece(number, label, at, self.held[piece.from as usize], watch);
            }
        }
    }

    /// Rows between nodes that reach each other in the moment: all end up with what any of them holds.
    fn knot(&mut self, from: u32, to: u32, watch: &mut impl Watch<L>) {
        let mut all = L::default();
        for row in from..to {
            all = all.or(self.held[self.columns.ends_of(row).0 as usize]);
        }
        for row in from..to {
            self.judge_row(row, all, watch);
            let held = &mut self.held[self.columns.ends_of(row).1 as usize];
            *held = held.or(all);
        }
    }

    /// A moment whose rows cannot be put in an order once and for all.
    fn tangle(&mut self, from: u32, to: u32, watch: &mut impl Watch<L>) {
        let columns = self.columns;
        let at = Position::of_row(from).0;
        if !columns.ties().chains() {
            let carried: Vec<L> = (from..to)
                .map(|row| self.held[columns.ends_of(row).0 as usize])
                .collect();
            for (row, carried) in (from..to).zip(carried) {
                self.judge_row(row, carried, watch);
                self.gain(columns.ends_of(row).1, carried);
                self.pass_on(at, watch);
            }
            return;
        }
        self.tangled = Some(Vec::new());
        for row in from..to {
            let (source, target) = columns.ends_of(row);
            self.gain(target, self.held[source as usize]);
            self.pass_on(at, watch);
        }
        while let Some(life) = self.tangled.as_mut().and_then(Vec::pop) {
            let out = columns.out(life);
            let behind = out.behind(out.count_before(from));
            for [target, _] in behind.iter().take_while(|[_, row]| *row < to) {
                self.gain(target, self.held[life as usize]);
                self.pass_on(at, watch);
            }
        }
        self.tangled = None;
        for row in from..to {
            self.judge_row(row, self.held[columns.ends_of(row).0 as usize], watch);
        }
    }
}

/// Labels that change and the pieces that have them, in order.
fn by_label(columns: &Columns, changes: &[Change], labels: usize) -> Vec<(u32, u32)> {
    if changes.is_empty() || columns.pieces() == 0 {
        return Vec::new();
    }
    let mut is_changed = vec![false; labels];
    for change in changes {
        is_changed[change.label as usize] = true;
    }
    let all = columns.pieces.all.iter().map(|piece| piece.label).zip(0..);
    let mut by_label: Vec<(u32, u32)> = all
        .filter(|(label, _)| is_changed.get(*label as usize) == Some(&true))
        .collect();
    by_label.sort_unstable();
    by_label
}
