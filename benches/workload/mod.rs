//! The one generator of the benches: acts of many people at many parties, the same for the same seed.

use std::fmt::Write as _;

/// How large a generated file is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Acts.
    pub acts: usize,
    /// People they are about, one each.
    pub people: usize,
}

/// Parties, fields and purposes of every file.
pub const PARTIES: usize = 200;
/// Fields.
pub const FIELDS: usize = 40;
/// Purposes.
pub const PURPOSES: usize = 20;

/// Splitmix64: small, fast, the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap_or(0) % bound
    }
}

/// What the acts of every file speak of.
pub fn catalogue(size: Size) -> String {
    let mut out = String::with_capacity(size.acts * 220);
    out.push_str("{\"scenario\":\"bench\",\"as_of\":\"2025-01-01T00:00:00+08:00\"}\n");
    out.push_str("{\"categories\":{\"id\":\"data\"}}\n");
    for i in 0..FIELDS {
        let _ = writeln!(
            out,
            "{{\"fields\":{{\"id\":\"field-{i}\",\"category\":\"data\"}}}}"
        );
    }
    for i in 0..PARTIES {
        let country = if i % 5 == 0 { "SG" } else { "CN" };
        let _ = writeln!(
            out,
            "{{\"processors\":{{\"id\":\"party-{i}\",\"kind\":\"controller\",\"country\":\"{country}\"}}}}"
        );
    }
    for i in 0..PURPOSES {
        let _ = writeln!(out, "{{\"purposes\":{{\"id\":\"purpose-{i}\"}}}}");
    }
    for i in 0..size.people {
        let _ = writeln!(out, "{{\"subjects\":{{\"id\":\"person-{i}\"}}}}");
    }
    out
}

/// The act of this number, about one field of one person; they all spread over a thousand days.
pub fn write_act(out: &mut String, (i, size): (usize, Size), who: usize, field: usize, parties: &str) {
    let day = i * 1_000 / size.acts;
    let (year, month, date) = (2020 + day / 336, 1 + day / 28 % 12, 1 + day % 28);
    let (hour, minute, second) = (i % 24, i / 24 % 60, i % 60);
    let _ = writeln!(
        out,
        "{{\"events\":{{\"id\":\"act-{i}\",\"at\":\"{year}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}+08:00\",\
         {parties},\"subjects\":[\"person-{who}\"],\"fields\":[\"field-{field}\"],\"purpose\":\"purpose-{}\",\
         \"safeguards\":[\"encrypted-in-transit\"]}}}}",
        i % PURPOSES
    );
}
