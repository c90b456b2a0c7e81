//! What is forgotten, and by which clock.

use inbox::prune::prune;

use crate::place::{Place, places};

#[tokio::test]
async fn keys_are_pruned_after_seven_days_unless_they_are_needed() {
    for place in places().await {
        let week = place.now().await - 7 * 24 * 3_600 * 1_000_000;
        let minute = 60_000_000;
        for (key, received, state) in [
            ("old", week - minute, "done"),
            ("young", week + minute, "done"),
            ("waiting", 0, "pending"),
            ("aside", 0, "set-aside"),
            ("disputed", 0, "done"),
        ] {
            let insert = format!(
                "INSERT INTO inbox.events (key, body, received_at, next_attempt_at, state) \
                 VALUES ('{key}', '', {received}, 0, '{state}')"
            );
            place.execute(&insert).await;
        }
        let conflict = "INSERT INTO inbox.conflicts VALUES ('disputed', '', '', 0, 1)";
        place.execute(conflict).await;
        assert_eq!(prune(&place.store).await.unwrap(), 1);
        let kept = place
            .column("SELECT key FROM inbox.events ORDER BY key")
            .await;
        assert_eq!(kept, ["aside", "disputed", "waiting", "young"]);
        let later = "UPDATE inbox.events SET received_at = received_at - 120000000";
        place.execute(later).await;
        assert_eq!(prune(&place.store).await.unwrap(), 1);
    }
}

/// However long that takes: it is no jump of the clock.
#[tokio::test]
async fn more_than_one_part_is_pruned() {
    let place = Place::sqlite().await;
    let takes_long = "CREATE TRIGGER takes_long AFTER DELETE ON inbox.events \
         BEGIN UPDATE inbox.clock SET seen_at = seen_at - 5000000; END";
    place.execute(takes_long).await;
    place
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) \
             INSERT INTO inbox.events (key, body, received_at, next_attempt_at, state) \
             SELECT i, '', 0, 0, 'done' FROM n",
        )
        .await;
    assert_eq!(prune(&place.store).await.unwrap(), 1200);
    old(&place).await;
    assert_eq!(prune(&place.store).await.unwrap(), 1);
}

async fn old(place: &Place) {
    let old = "INSERT INTO inbox.events (key, body, received_at, next_attempt_at, state) \
         VALUES ('old', '', 0, 0, 'done')";
    place.execute(old).await;
}

/// Eight days ahead, say: what was just done would be forgotten, and may come again for 31 hours
/// and 35 minutes.
#[tokio::test]
async fn a_clock_that_jumped_ahead_prunes_nothing_for_two_days() {
    for place in places().await {
        assert_eq!(prune(&place.store).await.unwrap(), 0);
        old(&place).await;
        let jump = "UPDATE inbox.clock SET seen_at = seen_at - 3610000000";
        place.execute(jump).await;
        for _ in 0..2 {
            assert_eq!(prune(&place.store).await.unwrap(), 0);
        }
        let rests = place
            .count("SELECT rests_until - seen_at FROM inbox.clock")
            .await;
        assert!(
            (172_700_000_000..=172_800_000_000).contains(&rests),
            "{rests}"
        );
        let days = "UPDATE inbox.clock SET rests_until = rests_until - 172800000000";
        place.execute(days).await;
        assert_eq!(prune(&place.store).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_trusted_again() {
    let place = Place::sqlite().await;
    assert_eq!(prune(&place.store).await.unwrap(), 0);
    old(&place).await;
    let back = "UPDATE inbox.clock SET seen_at = {now} + 700000000000, \
         rests_until = {now} + 872800000000";
    place.execute(back).await;
    assert_eq!(prune(&place.store).await.unwrap(), 1);
}
