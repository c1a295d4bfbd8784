//! What is found is the same before and after the texts are where parts of words are looked up.

use journal::Dot;

use crate::fold::{self, texts};
use crate::read::{self, Query};
use crate::world::{Device, ENROLLED_MS, World, change, incident, key, text};

/// Returns the titles of what is found.
async fn found(world: &World, words: &str) -> Vec<String> {
    let query = Query { text: Some(words.to_owned()), ..Query::default() };
    let mut conn = world.truth.db.read().await.unwrap();
    let page = read::page(&mut conn, &query, None, 50).await.unwrap();
    let counted = read::count(&mut conn, &query).await.unwrap();
    assert_eq!((counted.count, counted.is_more), (page.rows.len() as u64, false));
    let mut titles: Vec<String> = page.rows.into_iter().map(|(_, row)| row.title).collect();
    titles.sort();
    titles
}

async fn write(world: &World, device: &mut Device, id: u8, title: &str, seen: &[Dot]) -> Vec<Dot> {
    let fields = if seen.is_empty() { incident(title) } else { vec![("title", text(title))] };
    let sent = device.write(vec![change(&key("INST-027", id), fields, seen)]);
    world.arrive(&sent, ENROLLED_MS + 5).await;
    fold::catch_up(&world.truth).await.unwrap();
    sent.dots
}

async fn index(world: &World) {
    while texts::write_some(&world.truth).await.unwrap() != 0 {}
}

#[tokio::test]
async fn a_part_of_a_word_is_found_as_soon_as_it_is_folded_and_never_after_it_is_gone() {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, start) = world.device("INST-027", 1).await;
    world.arrive(&start, ENROLLED_MS + 1).await;
    let knife = "Нож в посылке";
    let dots = write(&world, &mut device, 1, knife, &[]).await;
    for indexed in [false, true] {
        if indexed {
            index(&world).await;
        }
        assert_eq!(found(&world, "посыл").await, [knife], "indexed: {indexed}");
        assert_eq!(found(&world, "нОж ПОС").await, [knife]);
        assert_eq!(found(&world, "но").await, [knife], "two letters are not looked up");
        assert_eq!(found(&world, "нож телефон").await, Vec::<String>::new());
        assert_eq!(found(&world, "н_ж").await, Vec::<String>::new());
        assert_eq!(found(&world, "%").await, Vec::<String>::new());
    }
    let phone = "Телефон 100% найден";
    write(&world, &mut device, 1, phone, &dots).await;
    for _ in 0..2 {
        assert_eq!(found(&world, "посыл").await, Vec::<String>::new());
        assert_eq!(found(&world, "лефон").await, [phone]);
        assert_eq!(found(&world, "100%").await, [phone]);
        index(&world).await;
    }
}
