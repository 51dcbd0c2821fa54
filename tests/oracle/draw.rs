//! Choices from a byte string. A missing byte is a zero, and a zero is always the smallest choice: no extra, the first
//! of a list, the fewest. So shorter and smaller bytes give smaller files.

use super::facts::{DAY, HOUR, Instant};
use super::lookups::print_instant;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

pub struct Draw<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl<'a> Draw<'a> {
    pub fn new(bytes: &'a [u8]) -> Draw<'a> {
        Draw { bytes, next: 0 }
    }

    fn byte(&mut self) -> usize {
        let byte = self.bytes.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        usize::from(byte)
    }

    /// 0 ≤ result < n.
    pub fn below(&mut self, n: usize) -> usize {
        self.byte() % n
    }

    /// Both ends included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// True in about `percent` of 100; false for a zero byte.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.byte() * 100 > 256 * (100 - percent)
    }

    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// `least` to `most` different items, in an order of its own.
    pub fn some_of(&mut self, items: &[String], least: usize, most: usize) -> Vec<String> {
        let count = self.between(least.min(items.len()), most.min(items.len()));
        let mut left = items.to_vec();
        let mut taken = Vec::new();
        for _ in 0..count {
            let i = self.below(left.len());
            taken.push(left.remove(i));
        }
        taken
    }

    /// one|list: a single item is sometimes written as a scalar.
    pub fn one_or_list(&mut self, items: Vec<String>) -> Value {
        match items.as_slice() {
            [one] if self.chance(50) => json!(one),
            _ => json!(items),
        }
    }
}

/// The instants of a file: a few, so that ties, and deadlines that fall on an act, are frequent.
pub struct Clock {
    pub timezone: TimeZone,
    pub pool: Vec<Instant>,
}

impl Clock {
    /// An instant of the pool, now and then a whole number of days (or an hour) away.
    pub fn instant(&self, draw: &mut Draw) -> Instant {
        let t = draw.pick(&self.pool);
        match draw.below(12) {
            9 => t + DAY,
            10 => t + 2 * DAY,
            11 => t + HOUR,
            _ => t,
        }
    }

    /// An instant near a given one: the same, one of the pool, or a few days before or after.
    pub fn near(&self, draw: &mut Draw, t: Instant) -> Instant {
        match draw.below(8) {
            0 | 1 => t,
            2 => t - DAY,
            3 => t + DAY,
            4 => t - 3 * DAY,
            _ => self.instant(draw),
        }
    }

    /// Not after a given instant, mostly.
    pub fn before(&self, draw: &mut Draw, t: Instant) -> Instant {
        match draw.below(6) {
            0 | 1 => t - DAY,
            2 => t,
            3 => t - 10 * DAY,
            4 => t - HOUR,
            _ => self.instant(draw),
        }
    }

    /// An instant in one of several spellings.
    pub fn write(&self, draw: &mut Draw, t: Instant) -> Value {
        let zone = match draw.below(6) {
            3 => TimeZone::UTC,
            4 => TimeZone::fixed(jiff::tz::offset(8)),
            5 => TimeZone::fixed(jiff::tz::offset(-5)),
            _ => self.timezone.clone(),
        };
        let text = print_instant(&zone, t);
        if zone == TimeZone::UTC {
            json!(text.replace("+00:00", "Z"))
        } else {
            json!(text)
        }
    }
}

/// A mapping under construction; keys that are not chosen are left out.
#[derive(Default)]
pub struct Entry(pub Map<String, Value>);

impl Entry {
    pub fn new(id: &str) -> Entry {
        Entry::default().with("id", id)
    }

    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Entry {
        self.0.insert(key.to_string(), value.into());
        self
    }

    pub fn maybe(self, key: &str, value: Option<impl Into<Value>>) -> Entry {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    pub fn value(self) -> Value {
        Value::Object(self.0)
    }
}
