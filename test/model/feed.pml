/*
 * The feed of one unit: positions at the hub, pages, the mirror at the node.
 *
 * The hub has RECORDS rows, each present (with a version) or gone. A writer's transaction changes a
 * row and puts an entry on the feed; it takes its position, and commits later. A page is made in one
 * snapshot and lists what changed since the cursor as it is now. Pages that were made stay under way:
 * any of them may be answered at any time, again and in any order.
 *
 * Each mechanism is on unless it is switched off: NO_LOCKED_COUNTER (positions from a sequence),
 * NO_SNAPSHOT (rows are read before the entries), NO_STATE_PAGE (an entry brings what was written
 * with it), NO_ATOMIC_PAGE (the cursor, then the page), NO_CURSOR_CHECK, NO_RESTART (a new incarnation goes on from the old cursor), NO_SWEEP (what a
 * restarted feed did not bring stays), NO_INCARNATION (no page tells the incarnation that made it).
 */
#ifndef WRITES
#define WRITES 3
#endif
#ifndef HRESTORE
#define HRESTORE 0
#endif
#define RECORDS 2
#define WRITERS 2
#define POSITIONS 7     /* entries of a feed, from 1 */
#define PAGE 2          /* positions a page covers at most */
#define PAGES 2         /* pages under way */

/* ---- the hub ---- */
typedef Hub {
  byte row[RECORDS];            /* version; 0: gone */
  byte record[POSITIONS + 1];   /* committed entries: record + 1; 0: none (yet) */
  byte written[POSITIONS + 1];  /* the version that came with the entry; 0: deleted */
  byte head                     /* newest committed position */
};
Hub hub;
Hub backup;
bool hasBackup;
byte incarnation = 1;
byte sequence;                  /* the newest position taken */
byte owner = WRITERS;           /* who holds the counter's lock */
byte versions;                  /* given so far */
byte restores;
bool calm;

/* ---- writers ---- */
typedef Writer { byte record; byte version; byte position };
Writer w[WRITERS];              /* position 0: not in a transaction */
byte holds[RECORDS];            /* writer + 1 that has the row locked */

/* ---- pages under way ---- */
typedef Page { byte from; byte to; byte head; byte incarnation; byte seen; byte row[RECORDS] };
Page page[PAGES];               /* head 0: none; seen: set of records that it lists */

/* ---- the node ---- */
byte mirror[RECORDS];
byte brought;                   /* set of records that the feed brought since the restart */
byte cursor;
byte known = 1;                 /* incarnation of the last hello */
bool restarting;
byte half;                      /* a page whose cursor has moved before its rows: page + 1 */
byte crashes;

#ifdef NO_SNAPSHOT
byte early[RECORDS];
bool reading;
#define READ_EARLY :: d_step { !reading && cursor < hub.head -> early[0] = hub.row[0]; early[1] = hub.row[1]; reading = true }
#define MAY_READ reading
#define READ_DONE reading = false; early[0] = 0; early[1] = 0;
#else
#define READ_EARLY
#define MAY_READ true
#define READ_DONE
#endif

hidden byte k;

inline begin(i, r) {
  printf("writer %d: changes record %d, position %d\n", i, r, sequence + 1);
  assert(sequence < POSITIONS);
  sequence++;
  w[i].position = sequence;
  w[i].record = r;
  holds[r] = i + 1;
#ifndef NO_LOCKED_COUNTER
  owner = i
#endif
}

inline commit(i, deleted) {
  versions++;
  printf("writer %d: commits position %d of record %d, version %d\n", i, w[i].position, w[i].record, (deleted -> 0 : versions));
  hub.row[w[i].record] = (deleted -> 0 : versions);
  hub.record[w[i].position] = w[i].record + 1;
  hub.written[w[i].position] = hub.row[w[i].record];
  if :: hub.head < w[i].position -> hub.head = w[i].position :: else fi;
  leave(i)
}

inline leave(i) {
  holds[w[i].record] = 0;
  w[i].position = 0;
  w[i].record = 0;
  owner = WRITERS
}

#ifdef NO_LOCKED_COUNTER
#define MAY_BEGIN (versions + IN_WORK < WRITES)
#else
#define MAY_BEGIN (owner == WRITERS && versions < WRITES)
#endif
#define IN_WORK ((w[0].position != 0) + (w[1].position != 0))

proctype Writes(byte i) {
end:
  do
  :: d_step { w[i].position == 0 && MAY_BEGIN && holds[0] == 0 -> begin(i, 0) }
  :: d_step { w[i].position == 0 && MAY_BEGIN && holds[1] == 0 -> begin(i, 1) }
  :: d_step { w[i].position != 0 -> commit(i, 0) }
  /* a record that is there may go */
  :: d_step { w[i].position != 0 && hub.row[w[i].record] != 0 -> commit(i, 1) }
  od
}

inline copyHub(to, from) {
  k = 0;
  do
  :: k <= POSITIONS -> to.record[k] = from.record[k]; to.written[k] = from.written[k]; k++
  :: else -> break
  od;
  k = 0;
  to.row[0] = from.row[0]; to.row[1] = from.row[1]; to.head = from.head
}

inline noPage(p) {
  page[p].from = 0; page[p].to = 0; page[p].head = 0; page[p].incarnation = 0; page[p].seen = 0;
  page[p].row[0] = 0; page[p].row[1] = 0
}

/* Answers `GET feed?after=` into p, in one snapshot. */
inline makePage(p, after) {
  page[p].from = after;
  page[p].head = hub.head;
  page[p].to = (after + PAGE < hub.head -> after + PAGE : hub.head);
  page[p].incarnation = incarnation;
  k = after + 1;
  do
  :: k <= page[p].to ->
    if
    :: hub.record[k] != 0 ->
      page[p].seen = page[p].seen | (1 << (hub.record[k] - 1));
#ifdef NO_STATE_PAGE
      page[p].row[hub.record[k] - 1] = hub.written[k]
#elif defined(NO_SNAPSHOT)
      page[p].row[hub.record[k] - 1] = early[hub.record[k] - 1]
#else
      page[p].row[hub.record[k] - 1] = hub.row[hub.record[k] - 1]
#endif
    :: else
    fi;
    k++
  :: else -> break
  od;
  k = 0;
  printf("hub: a page of %d to %d, incarnation %d\n", page[p].from, page[p].to, incarnation)
}

inline applyRows(p) {
  if :: page[p].seen & 1 -> mirror[0] = page[p].row[0] :: else fi;
  if :: page[p].seen & 2 -> mirror[1] = page[p].row[1] :: else fi;
  if :: restarting -> brought = brought | page[p].seen :: else fi
}

inline moveCursor(p) {
  cursor = page[p].to;
  if
  :: restarting && page[p].to == page[p].head ->
#ifndef NO_SWEEP
    if :: !(brought & 1) -> mirror[0] = 0 :: else fi;
    if :: !(brought & 2) -> mirror[1] = 0 :: else fi;
#endif
    restarting = false;
    brought = 0
  :: else
  fi
}

/* `decidePage`, asked under the lock of the cursor. */
#ifdef NO_CURSOR_CHECK
#define FITS(p) true
#else
#define FITS(p) (page[p].from == cursor)
#endif
#ifdef NO_INCARNATION
#define OF_NOW(p) true
#else
#define OF_NOW(p) (page[p].incarnation == known)
#endif
#define CHANGES(p) (page[p].to != cursor || restarting)

#define ASKED(p) \
  :: d_step { MAY_READ && page[p].head == 0 && cursor < hub.head -> makePage(p, cursor); READ_DONE } \
  :: d_step { page[p].head == 0 && restarting && cursor == hub.head && hub.head != 0 -> makePage(p, cursor) } \
  :: d_step { page[p].head != 0 && !(FITS(p) && OF_NOW(p)) -> printf("node: refuses the page of %d to %d\n", page[p].from, page[p].to); noPage(p) }

/* Nobody asks the same again without end: a page that was applied may come once more, or not. */
#ifdef NO_ATOMIC_PAGE
#define ARRIVES(p) \
  :: d_step { page[p].head != 0 && FITS(p) && OF_NOW(p) && half == 0 && CHANGES(p) -> moveCursor(p); half = p + 1 } \
  :: d_step { half == p + 1 -> applyRows(p); half = 0 } \
  :: d_step { half == 0 && page[p].head != 0 -> noPage(p) }
#else
#define ARRIVES(p) \
  :: d_step { page[p].head != 0 && FITS(p) && OF_NOW(p) && CHANGES(p) -> printf("node: applies the page of %d to %d\n", page[p].from, page[p].to); applyRows(p); moveCursor(p) } \
  :: d_step { page[p].head != 0 -> noPage(p) }
#endif

proctype Node() {
end:
  do
  READ_EARLY
  ASKED(0)
  ASKED(1)
  ARRIVES(0)
  ARRIVES(1)
#ifdef NO_ATOMIC_PAGE
  :: d_step { !calm && half != 0 && crashes < 1 -> printf("node: dies between the cursor and the page\n"); crashes++; half = 0 }
#endif
  /* a page or an error shows another incarnation: hello, and the mirror begins anew */
  :: d_step { known != incarnation && half == 0 -> printf("node: says hello to incarnation %d\n", incarnation);
      known = incarnation;
#ifndef NO_RESTART
      cursor = 0;
      restarting = (hub.head != 0);
      brought = 0;
      if :: hub.head == 0 -> mirror[0] = 0; mirror[1] = 0 :: else fi
#else
      if :: cursor > hub.head -> cursor = hub.head :: else fi
#endif
    }
  od
}

proctype Faults() {
end:
  do
  :: d_step { !calm -> calm = true }
#if HRESTORE > 0
  :: d_step { !calm && !hasBackup && IN_WORK == 0 -> printf("hub: a backup is made at position %d\n", hub.head);
      hasBackup = true; copyHub(backup, hub) }
  :: d_step { !calm && hasBackup && restores < HRESTORE -> printf("hub: restored at position %d, incarnation %d\n", backup.head, incarnation + 1);
      restores++;
      copyHub(hub, backup);
      sequence = hub.head;
      w[0].position = 0; w[0].record = 0; w[1].position = 0; w[1].record = 0;
      holds[0] = 0; holds[1] = 0; owner = WRITERS;
      incarnation++ }
#endif
  od
}

proctype Watch() {
end:
  timeout ->
    /* at rest the mirror is what the hub has: no row stale, none missing, none that was deleted */
    assert(mirror[0] == hub.row[0] && mirror[1] == hub.row[1]);
    assert(cursor == hub.head && !restarting)
}

init {
  atomic {
    run Writes(0);
    run Writes(1);
    run Node();
    run Faults();
    run Watch()
  }
}
