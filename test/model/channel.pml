/*
 * The channel of one unit: hello, batches, receipts, the three levels, restores, clones, operators.
 *
 * Machine 0 is the unit's node, machine 1 a clone that runs from its backup. One step here is one
 * transaction there. A header hash is an id that is given once: it stands for the bytes and, since
 * the header names the hash before, for everything before them. A change is a record of its own.
 *
 * The network is the set of what was ever sent: any of it may arrive at any time, any number of
 * times, in any order, or never. A delivery that would change nothing is left out.
 *
 * Each mechanism of the protocol is on unless it is switched off: -DNO_FENCE and so on, see
 * configurations.ts. STORED_REPEAT answers a repeated hello with the stored bytes. NRESTORE, HRESTORE,
 * CLONE, CRASHES, LOSSES and LATE_HELLO give the environment room; SEEN has the hub find its own
 * restores; LEVELS lets batches become safe. SAFE_ONLY, ONE_HISTORY and NO_REST say what is asked.
 */
#ifndef CHANGES
#define CHANGES 2
#endif
#ifndef NRESTORE
#define NRESTORE 0
#endif
#ifndef HRESTORE
#define HRESTORE 0
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#define CAP 5           /* batches in a chain */
#define IDS 7           /* batches ever sealed */
#define EPOCHS 10       /* hellos ever welcomed */
#define NONCES 12
#define INCARNATIONS 4
#define WAITING 3       /* accepted and not applied: above it the hub is busy */

mtype:relation = { EQUAL, NODE_AHEAD, NODE_BEHIND, FORKED, HUB_BEHIND, CLONED };
mtype:outcome = { ACCEPTED, DUPLICATE, GAP, FORK, FENCED, BUSY };

/* ---- what is sealed: bytes that never change ---- */
byte content[IDS + 1];  /* set of changes */
byte prev[IDS + 1];     /* header hash before */
byte number[IDS + 1];   /* seq, from 1 */
byte sealed;            /* ids given so far */

/* ---- a machine of the unit ---- */
typedef Machine {
  bool up;
  byte chain[CAP];
  byte head;            /* number of its newest batch */
  byte receipted;       /* set of positions */
  byte dropped;         /* batches 1..dropped have no content any more */
  byte safe;
  byte log;             /* set of changes that are not sealed */
  byte incarnation;
  byte epoch;           /* 0: this process has said no hello */
  byte token;
  byte nonce;           /* of the hello that has no answer yet */
  byte asked;           /* set of batches that it sent, whose answers may still come */
  mtype:relation stop   /* why the command stopped, until an operator acted */
};
Machine m[2];
Machine nodeBackup;
bool hasNodeBackup;

/* ---- the hub: its database ---- */
typedef Hub {
  byte chain[CAP];
  byte head;
  byte applied;
  byte safe;
  byte incarnation;     /* as this database knows it */
  byte epoch;
  byte token;           /* 0: none is asked for */
  byte nonce;           /* of the last welcome */
#ifndef NO_SPENT
  short spent;          /* set of the nonces that were answered before it, or before a release */
#endif
#ifdef STORED_REPEAT
  mtype:relation answerRelation;
  byte answerEpoch;
  byte answerHead;
  byte answerHash;
  byte answerToken;
  byte answerIncarnation;
#endif
  bool frozen
};
Hub hub;
Hub hubBackup;
#ifdef NO_DURABLE
byte committed;         /* what a crash of the hub leaves */
#endif
bool hasHubBackup;
/* outside the database */
byte fileIncarnation = 1;
byte witness = 1;       /* the incarnation of which it has seen commits */
byte hold;              /* 0: serves; 1: found restored; 2: the file is raised; 3: the database as well */

/* ---- the network ---- */
#ifdef NO_FENCE
byte everSent;                             /* set of batches sent, under whatever epoch */
#elif HRESTORE == 0
byte frames;                               /* set of batches sent under the current epoch: no older one comes back */
#else
byte frames[(INCARNATIONS + 1) * EPOCHS];  /* set of batches sent, by incarnation and epoch */
#endif
byte receipts[INCARNATIONS + 1];           /* set of batches receipted, by incarnation of the answer */
typedef Request { byte from; byte nonce; byte token; byte head; byte hash; byte incarnation; byte receipted };
Request request;
#ifdef LATE_HELLO
Request late;           /* a request that the network brings a second time */
byte lates;
#endif
typedef Reply { byte nonce; mtype:relation relation; byte incarnation; byte epoch; byte head; byte hash; byte token; bool released };
Reply reply;

/* ---- the environment, and what an observer who sees all has written down ---- */
byte created;
byte nonces;
byte tokens;
byte crashes, losses, nodeRestores, hubRestores;
#ifdef NO_FORGET
byte refusals;          /* hellos that were told CLONED */
#endif
bool unseen;            /* the hub was restored, and nobody knows */
bool calm;              /* no more faults */
byte acknowledged;      /* changes of which a machine holds a receipt */
byte toldSafe;          /* changes of which a machine was told that they are safe */
byte history[CAP];      /* the one header hash that was ever receipted under a number */

hidden byte k, n, a, b, common, own, theirs;
hidden mtype:relation rel;
hidden byte comesLate;

#define NO_RELATION 0
#define BIT(x) (1 << ((x) - 1))
#define HAS(set, x) (((set) >> ((x) - 1)) & 1)
#define LAST(x) (x.head == 0 -> 0 : x.chain[x.head - 1])
#define SLOT(i, e) ((i) * EPOCHS + (e))
#define SERVING (hold == 0)
#define CURRENT(x) (x.epoch != 0 && x.epoch == hub.epoch && x.incarnation == hub.incarnation)

inline setOf(x, from, result) {
  result = 0;
  k = from;
  do
  :: k < x.head -> result = result | content[x.chain[k]]; k++
  :: else -> break
  od
}

/* The newest position up to which a machine and the hub have the same batches. */
inline commonPrefix(i) {
  common = 0;
  do
  :: common < m[i].head && common < hub.head && m[i].chain[common] == hub.chain[common] -> common++
  :: else -> break
  od
}

/* The number of the newest receipt: what `max(seq) where receipted` says. */
inline newestReceipt(i) {
  n = 0;
  k = 1;
  do
  :: k <= CAP -> if :: HAS(m[i].receipted, k) -> n = k :: else fi; k++
  :: else -> break
  od
}

inline check() {
  /* I6: what was acknowledged is in the archive, or somewhere it will be sent from */
  setOf(hub, 0, theirs);
  setOf(m[0], m[0].dropped, own);
  theirs = theirs | own | m[0].log;
  if
  :: m[1].up -> setOf(m[1], m[1].dropped, own); theirs = theirs | own | m[1].log
  :: else
  fi;
#ifndef SAFE_ONLY
  assert((acknowledged & ~theirs) == 0);
#endif
  assert((toldSafe & ~theirs) == 0);
#if NRESTORE == 0 && HRESTORE == 0 && !defined(CLONE)
  /* no alarm without a cause */
  assert(!hub.frozen && m[0].stop == NO_RELATION);
#endif
  /* the levels are in order */
  assert(hub.applied <= hub.head && hub.safe <= hub.applied);
  /* what a machine holds as receipted in the current session is what the hub has there */
  k = 0;
  do
  :: k < CAP ->
    if
    :: !unseen && hold == 0 && CURRENT(m[0]) && HAS(m[0].receipted, k + 1) ->
      assert(k < hub.head && m[0].chain[k] == hub.chain[k])
    :: else
    fi;
    if
    :: !unseen && hold == 0 && m[1].up && CURRENT(m[1]) && HAS(m[1].receipted, k + 1) ->
      assert(k < hub.head && m[1].chain[k] == hub.chain[k])
    :: else
    fi;
    k++
  :: else -> break
  od;
  /* the archive is a chain */
  k = 0;
  do
  :: k < hub.head -> assert(prev[hub.chain[k]] == (k == 0 -> 0 : hub.chain[k - 1])); k++
  :: else -> break
  od;
  k = 0; n = 0; a = 0; b = 0; common = 0; own = 0; theirs = 0; rel = 0
}

/* ================================= the node ================================= */

#define POSITIONS(option) option(0) option(1) option(2) option(3) option(4)

/* The window: the two oldest batches without a receipt may be under way. */
#define IN_WINDOW(i, p) \
  (p < m[i].head && !HAS(m[i].receipted, p + 1) && \
   (p < 2 || (m[i].receipted & (BIT(p) - 1)) == BIT(p) - 1 || \
    (m[i].receipted & (BIT(p - 1) - 1)) == BIT(p - 1) - 1))

#ifdef NO_FENCE
#define FRAMES(i) everSent
#elif HRESTORE == 0
#define FRAMES(i) frames
#else
#define FRAMES(i) frames[SLOT(m[i].incarnation, m[i].epoch)]
#endif
#if HRESTORE == 0 && !defined(NO_FENCE)
#define MAY_SEND(i) (CURRENT(m[i]))
#else
#define MAY_SEND(i) (m[i].epoch != 0)
#endif
#define SEND(p) \
  :: d_step { m[i].up && MAY_SEND(i) && m[i].stop == NO_RELATION && IN_WINDOW(i, p) && \
     !(HAS(FRAMES(i), m[i].chain[p]) && HAS(m[i].asked, m[i].chain[p])) -> \
     printf("node %d: sends batch %d, id %d\n", i, p + 1, m[i].chain[p]); \
     assert(p >= m[i].dropped); \
     m[i].asked = m[i].asked | BIT(m[i].chain[p]); \
     FRAMES(i) = FRAMES(i) | BIT(m[i].chain[p]) }

/* Is there an answer that this machine takes for a receipt of its batch at p? */
#ifdef NO_RECEIPT_SESSION
#define ANSWERED (m[i].asked & (receipts[1] | receipts[2] | receipts[3] | receipts[4]))
#else
#define ANSWERED (m[i].asked & receipts[m[i].incarnation])
#endif
#ifdef NO_RECEIPT_HASH
#define RECEIPT_FITS(p) (\
  (number[1] == p + 1 && HAS(ANSWERED, 1)) || (number[2] == p + 1 && HAS(ANSWERED, 2)) || \
  (number[3] == p + 1 && HAS(ANSWERED, 3)) || (number[4] == p + 1 && HAS(ANSWERED, 4)) || \
  (number[5] == p + 1 && HAS(ANSWERED, 5)) || (number[6] == p + 1 && HAS(ANSWERED, 6)) || \
  (number[7] == p + 1 && HAS(ANSWERED, 7)))
#else
#define RECEIPT_FITS(p) HAS(ANSWERED, m[i].chain[p])
#endif
#ifdef NO_RETAIN
#define DROP_AT_RECEIPT(p) m[i].dropped = p + 1;
#else
#define DROP_AT_RECEIPT(p)
#endif
#define TAKE_RECEIPT(p) \
  :: d_step { m[i].up && p < m[i].head && !HAS(m[i].receipted, p + 1) && RECEIPT_FITS(p) -> \
     printf("node %d: takes a receipt of batch %d, id %d\n", i, p + 1, m[i].chain[p]); \
     m[i].receipted = m[i].receipted | BIT(p + 1); \
     acknowledged = acknowledged | content[m[i].chain[p]]; \
     DROP_AT_RECEIPT(p) \
     check() }

inline seal(i) {
  assert(sealed < IDS && m[i].head < CAP);
  sealed++;
  content[sealed] = m[i].log;
  prev[sealed] = LAST(m[i]);
  m[i].chain[m[i].head] = sealed;
  m[i].head++;
  number[sealed] = m[i].head;
  m[i].log = 0
}

#ifdef NO_FORGET
#define FORGET_NONCE(i) assert(refusals < 9); refusals++;
#else
#define FORGET_NONCE(i) m[i].nonce = 0;
#endif

/* `meaningOfHello`, then what the node stores with it. */
inline takeReply(i) {
  newestReceipt(i);
  rel = reply.relation;
#ifndef NO_COMPARE
  if
#ifndef NO_INCARNATION
  :: reply.incarnation < m[i].incarnation -> rel = HUB_BEHIND
#endif
  :: (rel == EQUAL || rel == NODE_AHEAD) && reply.incarnation >= m[i].incarnation ->
    if
    :: reply.incarnation == m[i].incarnation && reply.head < n -> rel = HUB_BEHIND
    :: else ->
      if
      :: reply.head > m[i].head -> rel = NODE_BEHIND
      :: reply.head <= m[i].head && reply.head > 0 && m[i].chain[reply.head - 1] != reply.hash -> rel = FORKED
      :: reply.head < m[i].dropped && reply.head <= m[i].head &&
         (reply.head == 0 || m[i].chain[reply.head - 1] == reply.hash) -> rel = HUB_BEHIND
      :: else
      fi
    fi
  :: else
  fi;
#endif
  if
  :: rel == EQUAL || rel == NODE_AHEAD ->
#ifndef NO_REINGEST
    if
    :: reply.incarnation > m[i].incarnation ->
      /* what lies above the hub's head is not receipted any more: the same bytes go again */
      m[i].receipted = m[i].receipted & (reply.head == 0 -> 0 : ((1 << reply.head) - 1));
      m[i].safe = 0
    :: else
    fi;
#endif
    m[i].incarnation = reply.incarnation;
    m[i].epoch = reply.epoch;
    m[i].token = reply.token;
    m[i].nonce = 0
  :: rel == CLONED ->
    /* this nonce will never be welcome; a released unit is asked for no token, so only it was wrong */
    FORGET_NONCE(i)
    if :: reply.released -> skip :: else -> m[i].stop = CLONED fi
  :: else -> m[i].stop = rel
  fi;
  noReply()
}

inline noReply() {
  reply.nonce = 0; reply.relation = 0; reply.incarnation = 0; reply.epoch = 0;
  reply.head = 0; reply.hash = 0; reply.token = 0; reply.released = false
}

inline noRequest() {
  request.from = 0; request.nonce = 0; request.token = 0; request.head = 0; request.hash = 0;
  request.incarnation = 0; request.receipted = 0
}

proctype Node(byte i) {
end:
  do
  :: d_step { m[i].up && created < CHANGES -> printf("node %d: a change is written\n", i); created++; m[i].log = m[i].log | BIT(created) }
  :: d_step { m[i].up && m[i].epoch != 0 && m[i].stop == NO_RELATION && m[i].log != 0 -> printf("node %d: seals as batch %d, id %d\n", i, m[i].head + 1, sealed + 1); seal(i); check() }
  /* hello: the nonce is stored, then the request leaves */
  :: d_step { m[i].up && m[i].epoch == 0 && m[i].stop == NO_RELATION && m[i].nonce == 0 -> printf("node %d: stores the nonce %d\n", i, nonces + 1);
      assert(nonces < NONCES);
      nonces++;
      m[i].nonce = nonces }
  :: d_step { m[i].up && m[i].epoch == 0 && m[i].stop == NO_RELATION && m[i].nonce != 0 &&
      (request.nonce == 0 && reply.nonce == 0) -> printf("node %d: says hello with head %d, token %d, incarnation %d\n", i, m[i].head, m[i].token, m[i].incarnation);
#ifdef NO_NONCE
      /* a nonce that is only in memory: each try has another one */
      assert(nonces < NONCES);
      nonces++;
      m[i].nonce = nonces;
#endif
      newestReceipt(i);
      request.from = i;
      request.nonce = m[i].nonce;
      request.token = m[i].token;
      request.head = m[i].head;
      request.hash = LAST(m[i]);
      request.incarnation = m[i].incarnation;
      request.receipted = n;
      n = 0; k = 0 }
  :: d_step { m[i].up && m[i].epoch == 0 && m[i].stop == NO_RELATION && reply.nonce != 0 && m[i].nonce == reply.nonce -> printf("node %d: is answered %e, incarnation %d, epoch %d, head %d\n", i, reply.relation, reply.incarnation, reply.epoch, reply.head);
      takeReply(i); check() }
  POSITIONS(SEND)
  POSITIONS(TAKE_RECEIPT)
  /* the hub says FENCED to the oldest batch without a receipt: hello again */
  :: d_step { m[i].up && m[i].epoch != 0 && m[i].stop == NO_RELATION && SERVING && !hub.frozen && !CURRENT(m[i]) &&
      (1 << m[i].head) - 1 != m[i].receipted -> printf("node %d: is fenced\n", i); m[i].epoch = 0 }
  /* a page of the feed shows another incarnation: hello again */
  :: d_step { m[i].up && m[i].epoch != 0 && m[i].stop == NO_RELATION && SERVING && !hub.frozen && m[i].incarnation != hub.incarnation -> printf("node %d: sees incarnation %d\n", i, hub.incarnation);
      m[i].epoch = 0 }
  /* the next process says hello; looked at only where the hub forgot what it had receipted */
  :: d_step { m[i].up && m[i].epoch != 0 && m[i].stop == NO_RELATION && SERVING && !hub.frozen && (m[i].receipted >> hub.head) != 0 -> printf("node %d: says hello, although it has a session\n", i);
      m[i].epoch = 0 }
  /* progress: how far the hub says that it is; the content goes at safe */
  :: d_step { m[i].up && SERVING && CURRENT(m[i]) && !hub.frozen && m[i].safe < hub.safe -> printf("node %d: is told that %d is safe\n", i, hub.safe);
      m[i].safe = hub.safe;
      n = 0;
      do
      :: n < m[i].safe && n < m[i].head && HAS(m[i].receipted, n + 1) ->
        toldSafe = toldSafe | content[m[i].chain[n]];
        n++
      :: else -> break
      od;
      if :: m[i].dropped < n -> m[i].dropped = n :: else fi;
      check() }
  od
}

/* ================================= the hub ================================= */

#ifdef NO_TOKEN
#define SAME_LINE true
#else
#define SAME_LINE ((hub.head == 0 && request.head == 0) || hub.token == 0 || hub.token == request.token)
#endif

#define REPEATED (hub.nonce == request.nonce)
#ifndef NO_SPENT
#define SPENT HAS(hub.spent, request.nonce)
#define SPEND if :: hub.nonce != 0 && hub.nonce != request.nonce -> hub.spent = hub.spent | BIT(hub.nonce) :: else fi;
#define SPEND_LAST if :: hub.nonce != 0 -> hub.spent = hub.spent | BIT(hub.nonce) :: else fi;
#else
#define SPENT false
#define SPEND
#define SPEND_LAST
#endif
#ifdef STORED_REPEAT
#define IS_NEW (!REPEATED)
#else
#define IS_NEW (!REPEATED || hub.token == 0)
#endif

inline welcome() {
  assert(hub.epoch + 1 < EPOCHS);
  hub.epoch++;
#if HRESTORE == 0 && !defined(NO_FENCE)
  frames = 0;
#endif
  reply.relation = (request.head > hub.head -> NODE_AHEAD : EQUAL);
  reply.incarnation = hub.incarnation;
  reply.epoch = hub.epoch;
  reply.head = hub.head;
  reply.hash = LAST(hub);
  reply.token = hub.token;
  SPEND
  hub.nonce = request.nonce;
#ifdef STORED_REPEAT
  hub.answerRelation = reply.relation;
  hub.answerIncarnation = reply.incarnation;
  hub.answerEpoch = reply.epoch;
  hub.answerHead = reply.head;
  hub.answerHash = reply.hash;
  hub.answerToken = reply.token
#endif
}

inline noAnswer() {
  SPEND_LAST
  hub.nonce = 0;
#ifdef STORED_REPEAT
  hub.answerRelation = 0; hub.answerEpoch = 0; hub.answerHead = 0; hub.answerHash = 0; hub.answerToken = 0;
  hub.answerIncarnation = 0
#endif
}

/* `decideHello`, and what it changes. */
inline answerHello() {
  rel = NO_RELATION;
#ifndef NO_COMPARE
  if
#ifndef NO_INCARNATION
  :: request.incarnation > hub.incarnation -> rel = HUB_BEHIND
#endif
  :: request.incarnation == hub.incarnation && request.receipted > hub.head -> rel = HUB_BEHIND
  :: else ->
    if
    :: request.head < hub.head && request.head > 0 && hub.chain[request.head - 1] != request.hash -> rel = FORKED
    :: request.head < hub.head && (request.head == 0 || hub.chain[request.head - 1] == request.hash) -> rel = NODE_BEHIND
    :: request.head == hub.head && request.hash != LAST(hub) -> rel = FORKED
    :: else
    fi
  fi;
#endif
  if
#ifdef STORED_REPEAT
  /* the answer was lost: the same bytes again */
  :: rel == NO_RELATION && REPEATED ->
    reply.relation = hub.answerRelation;
    reply.incarnation = hub.answerIncarnation;
    reply.epoch = hub.answerEpoch;
    reply.head = hub.answerHead;
    reply.hash = hub.answerHash;
    reply.token = hub.answerToken
#else
  /* the answer was lost: the token of then under a new epoch, which fences what went before */
  :: rel == NO_RELATION && REPEATED && hub.token != 0 -> welcome()
#endif
  /* it comes late: the unit has gone on since, and that is no sign of a second machine */
  :: rel == NO_RELATION && IS_NEW && SPENT -> rel = CLONED; comesLate = 1
  :: rel == NO_RELATION && IS_NEW && !SPENT && !SAME_LINE -> rel = CLONED
  :: rel == NO_RELATION && IS_NEW && !SPENT && SAME_LINE -> tokens++; hub.token = tokens; welcome()
  :: else
  fi;
  if
  :: rel != NO_RELATION ->
    reply.relation = rel;
    reply.incarnation = hub.incarnation;
    /* after a release the losing machine may come to rejoin: refused, and no new alarm */
    if :: (rel == CLONED && comesLate == 0) || (rel == FORKED && hub.token != 0) -> hub.frozen = true :: else fi;
    reply.released = (hub.token == 0)
  :: else
  fi;
  comesLate = 0;
  reply.nonce = request.nonce;
  noRequest()
}

/* May what was sent under another incarnation or epoch be looked at? */
#ifdef NO_FENCE
#define ARRIVES(x) HAS(everSent, x)
#elif HRESTORE == 0
#define ARRIVES(x) HAS(frames, x)
#else
#define ARRIVES(x) HAS(frames[SLOT(hub.incarnation, hub.epoch)], x)
#endif
#ifdef NO_CHAIN
#define FOLLOWS(x) true
#else
#define FOLLOWS(x) (prev[x] == LAST(hub))
#endif

#define OUTCOME(x) ( \
  !ARRIVES(x) -> FENCED : ( \
  number[x] <= hub.head -> (hub.chain[number[x] - 1] == x -> DUPLICATE : FORK) : ( \
  number[x] > hub.head + 1 -> GAP : ( \
  !FOLLOWS(x) -> FORK : ( \
  hub.head - hub.applied >= WAITING -> BUSY : ACCEPTED)))))

/* One of these for each batch that may be under way. */
proctype Arrival(byte x) {
end:
  do
  :: d_step { SERVING && !hub.frozen && x <= sealed && OUTCOME(x) == ACCEPTED -> printf("hub: accepts batch %d, id %d\n", number[x], x);
      hub.chain[hub.head] = x;
      hub.head++;
      receipts[hub.incarnation] = receipts[hub.incarnation] | BIT(x);
#ifdef ONE_HISTORY
      assert(history[hub.head - 1] == 0 || history[hub.head - 1] == x);
      history[hub.head - 1] = x;
#endif
      check() }
  :: d_step { SERVING && !hub.frozen && x <= sealed && OUTCOME(x) == DUPLICATE && !HAS(receipts[hub.incarnation], x) -> printf("hub: has batch %d, id %d already\n", number[x], x);
      receipts[hub.incarnation] = receipts[hub.incarnation] | BIT(x) }
#ifdef NO_CHAIN
  /* by number only: whatever is stored there gets its receipt once more */
  :: d_step { SERVING && !hub.frozen && x <= sealed && OUTCOME(x) == FORK && !HAS(receipts[hub.incarnation], x) -> printf("hub: takes batch %d, id %d for a repeat\n", number[x], x);
      receipts[hub.incarnation] = receipts[hub.incarnation] | BIT(x) }
#else
  :: d_step { SERVING && !hub.frozen && x <= sealed && OUTCOME(x) == FORK -> printf("hub: fork at batch %d, id %d, frozen\n", number[x], x); hub.frozen = true }
#endif
  od
}

proctype HubWork() {
end:
  do
#ifdef NO_DURABLE
  :: d_step { committed != hub.head -> committed = hub.head }
#endif
  :: d_step { SERVING && !hub.frozen && request.nonce != 0 && reply.nonce == 0 -> printf("hub: incarnation %d, epoch %d, head %d, token %d, reads a hello of node %d\n", hub.incarnation, hub.epoch, hub.head, hub.token, request.from); answerHello(); check() }
  :: d_step { SERVING && hub.applied < hub.head -> printf("hub: applies up to %d\n", hub.head); hub.applied = hub.head }
#ifdef LEVELS
#ifdef NO_VERIFY
  :: d_step { SERVING && hub.safe < hub.applied -> printf("hub: calls %d safe, unverified\n", hub.applied); hub.safe = hub.applied }
#else
  /* `hub safe`: the restored backup has the same batches */
  :: d_step { SERVING && hasHubBackup && hub.safe < hub.applied && hub.safe < hubBackup.head &&
      hubBackup.head <= hub.head && hubBackup.chain[hubBackup.head - 1] == hub.chain[hubBackup.head - 1] -> printf("hub: verifies its backup up to %d\n", hubBackup.head);
      hub.safe = (hubBackup.head < hub.applied -> hubBackup.head : hub.applied) }
#endif
#endif
  od
}

/* ================================= faults ================================= */

inline copyMachine(to, from) {
  k = 0;
  do
  :: k < CAP -> to.chain[k] = from.chain[k]; k++
  :: else -> break
  od;
  k = 0;
  to.up = from.up; to.head = from.head; to.receipted = from.receipted; to.dropped = from.dropped;
  to.safe = from.safe; to.log = from.log; to.incarnation = from.incarnation; to.epoch = 0;
  to.token = from.token; to.nonce = from.nonce; to.asked = 0; to.stop = NO_RELATION
}

inline copyHub(to, from) {
  k = 0;
  do
  :: k < CAP -> to.chain[k] = from.chain[k]; k++
  :: else -> break
  od;
  k = 0;
  to.head = from.head; to.applied = from.applied; to.safe = from.safe; to.incarnation = from.incarnation;
  to.epoch = from.epoch; to.token = from.token; to.nonce = from.nonce; to.frozen = from.frozen;
#ifndef NO_SPENT
  to.spent = from.spent;
#endif
#ifdef STORED_REPEAT
  to.answerRelation = from.answerRelation; to.answerEpoch = from.answerEpoch;
  to.answerHead = from.answerHead; to.answerHash = from.answerHash; to.answerToken = from.answerToken;
  to.answerIncarnation = from.answerIncarnation
#endif
}

proctype Faults() {
end:
  do
  :: d_step { !calm -> printf("no more faults\n"); calm = true }
  :: d_step { !calm && crashes < CRASHES && m[0].epoch != 0 -> printf("node 0: its process dies\n"); crashes++; m[0].epoch = 0 }
  :: d_step { !calm && losses < LOSSES && reply.nonce != 0 -> losses++; printf("the answer to a hello is lost\n"); noReply() }
  :: d_step { reply.nonce != 0 && !(m[0].up && reply.nonce == m[0].nonce) && !(m[1].up && reply.nonce == m[1].nonce) -> printf("nobody waits for the answer\n"); noReply() }
#if NRESTORE > 0 || defined(CLONE)
  :: d_step { !calm && !hasNodeBackup -> printf("node 0: a backup is made at head %d\n", m[0].head); hasNodeBackup = true; copyMachine(nodeBackup, m[0]) }
#endif
#if NRESTORE > 0
  :: d_step { !calm && hasNodeBackup && m[0].up && nodeRestores < NRESTORE -> printf("node 0: restored from its backup at head %d\n", nodeBackup.head); nodeRestores++; copyMachine(m[0], nodeBackup); check() }
#endif
#ifdef CLONE
  :: d_step { !calm && hasNodeBackup && !m[1].up && m[1].head == 0 && m[1].stop == NO_RELATION -> printf("node 1: a clone starts from the backup at head %d\n", nodeBackup.head);
      copyMachine(m[1], nodeBackup); check() }
#endif
#ifdef NO_DURABLE
  :: d_step { !calm && committed < hub.head -> printf("hub: crashes, and has batches up to %d\n", committed);
      do
      :: hub.head > committed -> hub.head--; hub.chain[hub.head] = 0
      :: else -> break
      od;
      if :: hub.applied > hub.head -> hub.applied = hub.head :: else fi;
      check() }
#endif
#ifdef LATE_HELLO
  :: d_step { !calm && late.nonce == 0 && lates < 2 && request.nonce != 0 ->
      lates++;
      late.from = request.from; late.nonce = request.nonce; late.token = request.token; late.head = request.head;
      late.hash = request.hash; late.incarnation = request.incarnation; late.receipted = request.receipted }
  :: d_step { late.nonce != 0 && request.nonce == 0 && reply.nonce == 0 -> printf("a hello arrives once more\n");
      request.from = late.from; request.nonce = late.nonce; request.token = late.token; request.head = late.head;
      request.hash = late.hash; request.incarnation = late.incarnation; request.receipted = late.receipted;
      late.nonce = 0 }
#endif
#if HRESTORE > 0
  :: d_step { !calm && !hasHubBackup && SERVING -> printf("hub: a backup is made at head %d\n", hub.head); hasHubBackup = true; copyHub(hubBackup, hub) }
  /* whether the hub's own witness shows it or only the nodes do */
  :: d_step { !calm && hasHubBackup && hubRestores < HRESTORE -> printf("hub: restored from its backup at head %d, found by itself\n", hubBackup.head); hubRestores++; copyHub(hub, hubBackup);
      hold = (hub.incarnation < fileIncarnation && witness < fileIncarnation -> 2 : 1); check() }
#ifndef SEEN
  :: d_step { !calm && hasHubBackup && hubRestores < HRESTORE && hubBackup.incarnation == fileIncarnation -> printf("hub: restored from its backup at head %d, unseen\n", hubBackup.head);
      hubRestores++; copyHub(hub, hubBackup); unseen = true; check() }
#endif
#endif
  od
}

/* ================================= operators ================================= */

/* The database's part of `hub incarnation raise`: tokens and stored answers go, frozen stays. */
inline raise(to) {
  hub.incarnation = to;
  hub.token = 0;
  noAnswer();
  unseen = false;
  m[0].stop = NO_RELATION;
  m[1].stop = NO_RELATION
}

/* `hub release`: whichever machine has the hub's head and speaks next is the unit. */
inline release() {
  hub.token = 0;
  noAnswer()
}

/* `node rejoin`: the hub's chain is taken over, own changes that it lacks go behind it. */
inline rejoin(i) {
  commonPrefix(i);
  if
  :: common < hub.head ->
    own = 0;
    k = common;
    do
    :: k < m[i].head -> own = own | content[m[i].chain[k]]; k++
    :: else -> break
    od;
    m[i].log = m[i].log | own;
    k = 0;
    do
    :: k < CAP -> m[i].chain[k] = (k < hub.head -> hub.chain[k] : 0); k++
    :: else -> break
    od;
    m[i].head = hub.head;
    m[i].receipted = (1 << hub.head) - 1;
    if :: m[i].dropped > common -> m[i].dropped = common :: else fi
  :: else
  fi;
  m[i].epoch = 0;
  m[i].stop = NO_RELATION
}

/* A clone without a rival is welcome after the release; a fork is heard again where the token went meanwhile. */
/* Released, or the hub would welcome it: it cannot see a fork in a chain that is longer than its own. */
#define PERMITTED(i) (hub.token == 0 || (hub.nonce == m[i].nonce && m[i].head > hub.head))
#define AGAIN(i) (m[i].stop == CLONED || (m[i].stop == FORKED && !PERMITTED(i)))
#define TROUBLE(i) (m[i].up && m[i].stop != NO_RELATION)

proctype Operator() {
end:
  do
#if HRESTORE > 0
#ifdef NO_INCARNATION
  :: d_step { hold != 0 -> printf("operator: raises nothing\n"); raise(fileIncarnation); hold = 0; check() }
  :: d_step { hold == 0 && ((m[0].up && m[0].stop == HUB_BEHIND) || (m[1].up && m[1].stop == HUB_BEHIND)) -> printf("operator: raises nothing\n");
      raise(fileIncarnation); hold = 0; check() }
#else
  /* the file, then the database, then the witness; the hub may stop, or be restored, between them */
  :: d_step { hold == 1 || (hold == 0 && ((m[0].up && m[0].stop == HUB_BEHIND) || (m[1].up && m[1].stop == HUB_BEHIND))) ->
      printf("operator: raises the incarnation to %d\n", fileIncarnation + 1);
      assert(fileIncarnation < INCARNATIONS);
      fileIncarnation++;
      hold = 2 }
  :: d_step { hold == 2 -> printf("hub: the database follows to incarnation %d\n", fileIncarnation);
      raise(fileIncarnation);
      hold = 3 }
  :: d_step { hold == 3 -> printf("hub: the witness begins anew\n");
#ifndef NO_WITNESS
      witness = fileIncarnation;
#endif
      hold = 0;
      check() }
#endif
#endif
#ifdef CLONE
  /* one of two machines is switched off, whichever, and the other started anew */
  :: d_step { m[0].up && m[1].up && (hub.frozen || TROUBLE(0) || TROUBLE(1)) -> printf("operator: switches node 0 off\n"); m[0].up = false; m[1].epoch = 0 }
  :: d_step { m[0].up && m[1].up && (hub.frozen || TROUBLE(0) || TROUBLE(1)) -> printf("operator: switches node 1 off\n"); m[1].up = false; m[1].stop = CLONED; m[0].epoch = 0 }
#endif
#ifndef NO_RELEASE
  :: d_step { SERVING && hub.frozen && !(m[0].up && m[1].up) -> printf("operator: releases the unit\n"); release(); hub.frozen = false }
  :: d_step { SERVING && !hub.frozen && hub.token != 0 && !(m[0].up && m[1].up) &&
      ((TROUBLE(0) && m[0].stop == NODE_BEHIND) || (TROUBLE(1) && m[1].stop == NODE_BEHIND)) -> printf("operator: releases the unit, whose node is behind\n"); release() }
#endif
  /* the command is tried again */
  :: d_step { SERVING && !hub.frozen && TROUBLE(0) && !m[1].up && m[0].stop != HUB_BEHIND && AGAIN(0) -> printf("operator: tries node 0 again\n"); m[0].stop = NO_RELATION }
  :: d_step { SERVING && !hub.frozen && TROUBLE(1) && !m[0].up && m[1].stop != HUB_BEHIND && AGAIN(1) -> printf("operator: tries node 1 again\n"); m[1].stop = NO_RELATION }
#ifndef NO_REJOIN
  :: d_step { SERVING && !hub.frozen && PERMITTED(0) && TROUBLE(0) && (m[0].stop == NODE_BEHIND || m[0].stop == FORKED) && !m[1].up -> printf("operator: node 0 rejoins\n"); rejoin(0); check() }
  :: d_step { SERVING && !hub.frozen && PERMITTED(1) && TROUBLE(1) && (m[1].stop == NODE_BEHIND || m[1].stop == FORKED) && !m[0].up -> printf("operator: node 1 rejoins\n"); rejoin(1); check() }
#endif
  od
}

/* ================================= at rest ================================= */

#define AT_REST(i) (m[i].stop == NO_RELATION && m[i].epoch != 0 && m[i].log == 0 && \
  m[i].head == hub.head && m[i].receipted == (1 << hub.head) - 1 && LAST(m[i]) == LAST(hub))

/* When nothing can happen any more, everything has arrived: no dead end that only a guess would open. */
proctype Watch() {
end:
#ifndef NO_REST
  timeout ->
    assert(SERVING && !hub.frozen && created == CHANGES && hub.applied == hub.head);
    assert((m[0].up && AT_REST(0)) || (m[1].up && AT_REST(1)))
#else
  false
#endif
}

init {
  atomic {
    hub.incarnation = 1;
    m[0].up = true;
    m[0].incarnation = 1;
    run Node(0);
#ifdef CLONE
    run Node(1);
#endif
    run Arrival(1); run Arrival(2); run Arrival(3); run Arrival(4);
#if CHANGES > 2 || NRESTORE > 0 || defined(CLONE)
    run Arrival(5); run Arrival(6); run Arrival(7);
#endif
    run HubWork();
    run Faults();
    run Operator();
    run Watch()
  }
}
