//! The graphs of the bench: holdings at parties in countries, flows over ten years in minutes, authorizations, and
//! a thousand sensitive fields. The same for the same seed. They can be written to a folder of plain columns
//! (little-endian, 32 bits) and read from one, so that other engines can be asked the same.

use std::fs;
use std::path::Path;

use wherefore::engine::{Flow, Log, Standing, Ties};

/// Minutes in ten years.
pub const MINUTES: i32 = 10 * 365 * 24 * 60;
/// Purposes.
pub const PURPOSES: usize = 20;
/// Categories.
pub const CATEGORIES: usize = 12;
const COUNTRIES: usize = 30;

/// Splitmix64.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (((self.next() >> 32) * bound as u64) >> 32) as usize
    }

    /// A number from 0 to below 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Columns of one graph.
#[derive(Default)]
pub struct Graph {
    /// Of each flow, in order of time: from, to, minute, end (the minute itself when it is an instant), purpose.
    pub src: Vec<i32>,
    pub dst: Vec<i32>,
    pub t: Vec<i32>,
    pub end: Vec<i32>,
    pub purpose: Vec<i32>,
    /// Of each holding.
    pub party: Vec<i32>,
    pub country: Vec<i32>,
    pub cat: Vec<i32>,
    /// Authorizations: the party may hold data of the category for the purpose in `[t0, t1]`.
    pub auth_party: Vec<i32>,
    pub auth_cat: Vec<i32>,
    pub auth_purpose: Vec<i32>,
    pub auth_t0: Vec<i32>,
    pub auth_t1: Vec<i32>,
    /// Sensitive fields: the holding where each begins, and the minute.
    pub field: Vec<i32>,
    pub birth: Vec<i32>,
}

/// Places of the running sums of `1 / (1 + rank)^power`, for drawing ranks.
fn zipf(count: usize, power: f64, ranks: impl Fn(usize) -> usize) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums: Vec<f64> = (0..count)
        .map(|at| {
            sum += (1.0 + ranks(at) as f64).powf(-power);
            sum
        })
        .collect();
    for value in &mut sums {
        *value /= sum;
    }
    sums
}

fn draw(sums: &[f64], at: f64) -> usize {
    sums.partition_point(|sum| *sum < at).min(sums.len() - 1)
}

impl Graph {
    /// A graph with so many flows, a tenth as many holdings, a hundredth as many parties as holdings: parties in
    /// countries by Zipf, holdings at parties by Zipf; 72% of flows stay at a party, 26% in its country, 2% go abroad;
    /// 5% stand open for up to a year.
    pub fn generate(flows: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let nodes = flows / 10;
        let parties = (nodes / 100).max(1);
        let countries = zipf(COUNTRIES, 1.1, |at| at);
        let mut country_of: Vec<usize> = (0..parties).map(|_| draw(&countries, random.unit())).collect();
        country_of.sort_unstable();
        let mut ranks: Vec<usize> = (0..parties).collect();
        for at in (1..parties).rev() {
            ranks.swap(at, random.below(at + 1));
        }
        let sizes = zipf(parties, 0.9, |at| ranks[at]);
        let mut party: Vec<usize> = (0..nodes).map(|_| draw(&sizes, random.unit())).collect();
        party.sort_unstable();
        let begins: Vec<usize> = (0..=parties)
            .map(|at| party.partition_point(|other| *other < at))
            .collect();
        let lands: Vec<usize> = (0..=COUNTRIES)
            .map(|land| party.partition_point(|at| country_of[*at] < land))
            .collect();
        let items: Vec<i32> = (0..(nodes / 20).max(1))
            .map(|_| random.below(CATEGORIES) as i32)
            .collect();
        let usual: Vec<[usize; 4]> = (0..parties)
            .map(|_| [(); 4].map(|()| random.below(PURPOSES)))
            .collect();
        let mut graph = Self {
            party: party.iter().map(|at| *at as i32).collect(),
            country: party.iter().map(|at| country_of[*at] as i32).collect(),
            cat: (0..nodes).map(|_| items[random.below(items.len())]).collect(),
            ..Self::default()
        };
        let mut times: Vec<i32> = (0..flows)
            .map(|_| random.below(MINUTES as usize) as i32)
            .collect();
        times.sort_unstable();
        for t in times {
            let mut from = random.below(nodes);
            let at = party[from];
            if random.unit() < 0.4 {
                from = begins[at] + skewed(&mut random, begins[at + 1] - begins[at], 4);
            }
            let to = target(&mut random, from, &party, &begins, &lands, country_of[at]);
            let to = if to == from { (to + 1) % nodes } else { to };
            let end = if random.unit() < 0.05 {
                (t + 60 + random.below(365 * 24 * 60 - 60) as i32).min(MINUTES)
            } else {
                t
            };
            let purpose = if random.unit() < 0.005 {
                random.below(PURPOSES)
            } else {
                usual[party[to]][random.below(4)]
            };
            graph.src.push(from as i32);
            graph.dst.push(to as i32);
            graph.t.push(t);
            graph.end.push(end);
            graph.purpose.push(purpose as i32);
        }
        graph.authorize(&mut random, &usual);
        graph.choose_fields(&mut random);
        graph
    }

    fn authorize(&mut self, random: &mut Random, usual: &[[usize; 4]]) {
        for (party, purposes) in usual.iter().enumerate() {
            for category in 0..CATEGORIES {
                for purpose in purposes {
                    if random.unit() >= 0.97 {
                        continue;
                    }
                    let partial = random.unit() < 0.08;
                    let begin = random.below(MINUTES as usize / 3) as i32;
                    let end = MINUTES / 2 + random.below(MINUTES as usize / 2) as i32;
                    self.auth_party.push(party as i32);
                    self.auth_cat.push(category as i32);
                    self.auth_purpose.push(*purpose as i32);
                    self.auth_t0.push(if partial { begin } else { 0 });
                    self.auth_t1.push(if partial { end } else { MINUTES });
                }
            }
        }
    }

    /// Holdings that pass something on, born in the last six of the ten years.
    fn choose_fields(&mut self, random: &mut Random) {
        let mut sends: Vec<i32> = self.src.clone();
        sends.sort_unstable();
        sends.dedup();
        for at in 0..sends.len().min(1_000) {
            let other = at + random.below(sends.len() - at);
            sends.swap(at, other);
        }
        sends.truncate(1_000);
        sends.sort_unstable();
        self.birth = sends
            .iter()
            .map(|_| MINUTES / 5 * 2 + random.below(MINUTES as usize / 2) as i32)
            .collect();
        self.field = sends;
    }

    /// How many flows there are.
    pub fn flows(&self) -> usize {
        self.src.len()
    }

    /// How many holdings there are.
    pub fn nodes(&self) -> usize {
        self.party.len()
    }

    /// How many parties there are.
    pub fn parties(&self) -> usize {
        self.party.last().map_or(0, |last| *last as usize + 1)
    }

    /// The label of a flow: who receives it, what for, and whether it goes abroad.
    pub fn label(&self, at: usize) -> u32 {
        let (from, to) = (self.src[at] as usize, self.dst[at] as usize);
        let abroad = u32::from(self.country[from] != self.country[to]);
        ((self.party[to] as u32 * PURPOSES as u32) + self.purpose[at] as u32) * 2 + abroad + 1
    }

    /// How many labels there are.
    pub fn labels(&self) -> usize {
        self.parties() * PURPOSES * 2 + 1
    }

    /// What the columns are built from. Without `standing`, flows that stand open count at their first minute.
    pub fn log(&self, ties: Ties, standing: bool) -> Log {
        let mut log = Log::new(ties, self.nodes() as u32);
        log.flows.reserve_exact(self.flows());
        for at in 0..self.flows() {
            let (from, to, label) = (self.src[at] as u32, self.dst[at] as u32, self.label(at));
            let (since, until) = (i64::from(self.t[at]), i64::from(self.end[at]));
            if standing && since != until {
                log.standing.push(Standing {
                    since,
                    order: at as u32,
                    // The last minute counts.
                    until: Some(until + 1),
                    from,
                    to,
                    label,
                });
            } else {
                log.flows.push(Flow {
                    at: since,
                    order: at as u32,
                    from,
                    to,
                    label,
                });
            }
        }
        log
    }

    fn columns(&mut self) -> [(&'static str, &mut Vec<i32>); 15] {
        [
            ("src", &mut self.src),
            ("dst", &mut self.dst),
            ("t", &mut self.t),
            ("end", &mut self.end),
            ("purpose", &mut self.purpose),
            ("party", &mut self.party),
            ("country", &mut self.country),
            ("cat", &mut self.cat),
            ("auth_party", &mut self.auth_party),
            ("auth_cat", &mut self.auth_cat),
            ("auth_purpose", &mut self.auth_purpose),
            ("auth_t0", &mut self.auth_t0),
            ("auth_t1", &mut self.auth_t1),
            ("field", &mut self.field),
            ("birth", &mut self.birth),
        ]
    }

    /// Writes one file a column, `NAME.i32`.
    pub fn write(&mut self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for (name, column) in self.columns() {
            fs::write(folder.join(format!("{name}.i32")), bytemuck::cast_slice(column)).unwrap();
        }
    }

    /// Reads what [`Graph::write`] wrote, or what another program wrote in the same form.
    pub fn read(folder: &Path) -> Self {
        let mut graph = Self::default();
        for (name, column) in graph.columns() {
            let bytes = fs::read(folder.join(format!("{name}.i32"))).unwrap();
            *column = bytes
                .chunks_exact(4)
                .map(|word| i32::from_le_bytes([word[0], word[1], word[2], word[3]]))
                .collect();
        }
        graph
    }
}

/// A place below `length`, near its beginning.
fn skewed(random: &mut Random, length: usize, power: i32) -> usize {
    (length as f64 * random.unit().powi(power)) as usize
}

fn target(
    random: &mut Random,
    from: usize,
    party: &[usize],
    begins: &[usize],
    lands: &[usize],
    land: usize,
) -> usize {
    let at = party[from];
    let (begin, length) = (begins[at], begins[at + 1] - begins[at]);
    let head = |random: &mut Random, party: usize| {
        begins[party] + skewed(random, begins[party + 1] - begins[party], 4)
    };
    match random.unit() {
        // Most derivations stay near.
        way if way < 0.72 && random.unit() < 0.7 => {
            let step = 1 + (random.unit().powi(2) * 40.0) as usize;
            begin + (from - begin + step) % length
        }
        way if way < 0.72 => begin + skewed(random, length, 3),
        way if way < 0.98 => {
            let other = lands[land] + random.below(lands[land + 1] - lands[land]);
            head(random, party[other])
        }
        _ => {
            let outside = party.len() - (lands[land + 1] - lands[land]);
            if outside == 0 {
                return from;
            }
            let other = (lands[land + 1] + random.below(outside)) % party.len();
            head(random, party[other])
        }
    }
}
