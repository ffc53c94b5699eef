//! Text that compresses as text does: a vocabulary of invented words, few of them often and most of them seldom.

use magnetiq_tests::Random;

const WORDS: usize = 8192;
/// The more, the finer the frequencies.
const TABLE: usize = 1 << 16;
const SYLLABLES: [&str; 40] = [
    "a", "an", "ar", "be", "ca", "com", "con", "de", "di", "e", "en", "er", "es", "fa", "for", "ge", "ha", "i", "in", "ing", "is", "la",
    "li", "ma", "men", "mo", "na", "o", "on", "per", "po", "pro", "ra", "re", "sta", "te", "ter", "ti", "tion", "ver",
];

#[derive(Debug)]
pub(crate) struct Prose {
    words: Vec<String>,
    /// Word `n` stands here as often as text has it: the frequency falls with the rank.
    table: Vec<u16>,
    random: Random,
}

impl Prose {
    pub(crate) fn new(seed: u64) -> Self {
        // One vocabulary for all.
        let mut random = Random::new(0);
        let words = (0..WORDS).map(|rank| word(rank, &mut random)).collect();
        Self { words, table: frequencies(), random: Random::new(seed) }
    }

    pub(crate) fn title(&mut self) -> String {
        let mut title = String::new();
        for _ in 0..3 + self.random.below(4) {
            self.push(&mut title);
        }
        title.trim_end().to_owned()
    }

    /// Sentences, paragraphs and headings of so many words.
    pub(crate) fn text(&mut self, words: u64) -> String {
        let mut text = String::with_capacity(usize::try_from(words * 7).unwrap());
        let (mut sentence, mut paragraph) = (0, 0);
        for _ in 0..words {
            let start = text.len();
            self.push(&mut text);
            if sentence == 0 {
                text[start..=start].make_ascii_uppercase();
                sentence = 6 + self.random.below(14);
            }
            sentence -= 1;
            if sentence == 0 {
                text.pop();
                text.push_str(". ");
                paragraph += 1;
                if paragraph > 5 {
                    paragraph = 0;
                    text.pop();
                    text.push_str("\n\n");
                }
            }
        }
        text
    }

    fn push(&mut self, text: &mut String) {
        let place = usize::try_from(self.random.below(TABLE as u64)).unwrap();
        text.push_str(&self.words[usize::from(self.table[place])]);
        text.push(' ');
    }
}

fn word(rank: usize, random: &mut Random) -> String {
    let syllables = if rank < 64 { 1 } else { 2 + random.below(3) };
    (0..syllables).map(|_| SYLLABLES[usize::try_from(random.below(SYLLABLES.len() as u64)).unwrap()]).collect()
}

fn frequencies() -> Vec<u16> {
    let sum: f64 = (1..=8192_u16).map(|rank| 1.0 / f64::from(rank)).sum();
    let (mut table, mut reached) = (Vec::with_capacity(TABLE), 0.0);
    for rank in 1..=8192_u16 {
        reached += 65536.0 / f64::from(rank) / sum;
        while f64::from(u32::try_from(table.len()).unwrap()) < reached && table.len() < TABLE {
            table.push(rank - 1);
        }
    }
    table.resize(TABLE, 0);
    table
}
