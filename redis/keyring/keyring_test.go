package keyring_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/keyring"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// folder holds a key file that can be exchanged.
type folder struct {
	mu   sync.Mutex
	set  *keys.Set
	err  error
	read int
}

func (f *folder) put(s *keys.Set, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set, f.err = s, err
}

func (f *folder) load() (*keys.Set, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read++
	return f.set, f.err
}

func (f *folder) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read
}

func generate(t *testing.T) *keys.Set {
	t.Helper()
	s, err := keys.Generate()
	check(t, err)
	return s
}

func added(t *testing.T, s *keys.Set) *keys.Set {
	t.Helper()
	out, err := s.WithNewKey(keys.Wrap, time.Now())
	check(t, err)
	return out
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, store *redis.Store, f *folder) *keyring.Ring {
	t.Helper()
	set, err := f.load()
	check(t, err)
	r, err := keyring.Open(t.Context(), keyring.Options{Store: store, Set: set, Load: f.load, Logger: slog.New(slog.DiscardHandler)})
	check(t, err)
	return r
}

// writes is the id of the key that a ring writes with now.
func writes(t *testing.T, r *keyring.Ring) uint32 {
	t.Helper()
	check(t, r.Renew(t.Context()))
	set, until, err := r.Writer(t.Context())
	check(t, err)
	if until < time.Now().UnixMilli() {
		t.Error("the right to write is over")
	}
	return set.Primary(keys.Wrap)
}

func TestAKeyWritesOnceEveryRunningNodeKnowsIt(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		before := generate(t)
		after := added(t, before)
		old, next := before.Primary(keys.Wrap), after.Newest(keys.Wrap).ID
		shared, own := &folder{set: before}, &folder{set: before}
		a, b, command := open(t, store, shared), open(t, store, own), open(t, store, shared)
		check(t, a.Enter(t.Context(), "host-a:1"))
		check(t, b.Enter(t.Context(), "host-b:2"))
		register := keyring.NewRegister(store)

		shared.put(after, nil)
		check(t, a.Renew(t.Context())) // a has not read the file yet
		if done, err := register.Promote(t.Context(), keys.Wrap, old, next); done || err != nil {
			t.Fatalf("no node knows the new key: %t, %v", done, err)
		}
		following, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); a.Follow(following) }()
		knows(t, register, next, "host-a:1")
		if done, err := register.Promote(t.Context(), keys.Wrap, old, next); done || err != nil {
			t.Fatalf("one of two nodes knows the new key: %t, %v", done, err)
		}
		own.put(after, nil)
		bFollows, stopB := context.WithCancel(t.Context())
		endedB := make(chan struct{})
		go func() { defer close(endedB); b.Follow(bFollows) }()
		knows(t, register, next, "host-b:2")
		if done, err := register.Promote(t.Context(), keys.Wrap, old, next); !done || err != nil {
			t.Fatalf("both know it: %t, %v", done, err)
		}
		if done, err := register.Promote(t.Context(), keys.Wrap, old, next); !done || err != nil {
			t.Errorf("repeated: %t, %v", done, err)
		}
		if _, err := register.Promote(t.Context(), keys.Wrap, old, 77); !errors.Is(err, keyring.ErrReplaced) {
			t.Errorf("from a key that was replaced: %v", err)
		}
		for name, r := range map[string]*keyring.Ring{"a": a, "b": b, "a command that did not know the key": command} {
			if got := writes(t, r); got != next {
				t.Errorf("%s writes with %d, want %d", name, got, next)
			}
		}
		s, err := register.Read(t.Context(), keys.Wrap, 1)
		check(t, err)
		if s.Primary != next || s.Settled() <= 0 || s.Settled() > keyring.Lease {
			t.Errorf("primary %d, settled in %s", s.Primary, s.Settled())
		}
		stop()
		stopB()
		<-ended
		<-endedB
		if s, err = register.Read(t.Context(), keys.Wrap, 1); err != nil || len(s.Nodes) != 0 {
			t.Errorf("nodes that ended: %+v, %v", s.Nodes, err)
		}
	})
}

// eventually asks until it is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(3 * keyring.Lease)
	for !so() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

// knows waits until a node says that it can read with a key.
func knows(t *testing.T, register *keyring.Register, id uint32, node string) {
	t.Helper()
	eventually(t, node+" knows the key", func() bool {
		s, err := register.Read(t.Context(), keys.Wrap, 1)
		check(t, err)
		return slices.ContainsFunc(s.Running(), func(n keyring.Node) bool {
			return n.Name == node && slices.Contains(n.Keys, strconv.FormatUint(uint64(id), 10))
		})
	})
}

func TestAKeyThatIsNotKnownIsLookedForInTheFile(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	before := generate(t)
	after := added(t, before)
	next, err := after.WithPrimary(keys.Wrap, after.Newest(keys.Wrap).ID)
	check(t, err)
	f := &folder{set: before}
	r := open(t, store, f)
	_, wrapped, err := next.NewDataKey([]byte("place"))
	check(t, err)
	check(t, store.Do(t.Context(), redis.Command("HSET", redis.WrapKey, "primary", strconv.FormatUint(uint64(next.Primary(keys.Wrap)), 10))).Err)

	reads := f.reads()
	for range 100 {
		if _, err := r.Reader(t.Context(), wrapped); !errors.Is(err, redis.ErrMisconfigured) {
			t.Fatalf("a key that may be in a newer file: %v", err)
		}
	}
	if n := f.reads() - reads; n > 5 {
		t.Errorf("the file was read %d times for 100 records", n)
	}
	if !strings.Contains(r.Problem(), strconv.FormatUint(uint64(after.Newest(keys.Wrap).ID), 10)) {
		t.Errorf("the problem does not name the key: %q", r.Problem())
	}
	f.put(after, nil)
	eventually(t, "the new file is read", func() bool {
		set, err := r.Reader(t.Context(), wrapped)
		if err != nil {
			return false
		}
		_, err = set.UnwrapDataKey(wrapped, []byte("place"))
		return err == nil
	})
}

// A file that holds the key that writes has all keys of before: what needs another one
// was damaged, and waits for no file.
func TestAKeyThatNobodyEverHadIsDamage(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		set := generate(t)
		r := open(t, store, &folder{set: set})
		_, wrapped, err := set.NewDataKey([]byte("place"))
		check(t, err)
		wrapped[1+4+1] ^= 0x80 // a frame, then Tink: a byte of version, four of the key's id
		if _, err := r.Reader(t.Context(), wrapped); !errors.Is(err, webhook.ErrUnreadable) {
			t.Errorf("read with: %v", err)
		}
		if r.Problem() != "" || r.Ready() != nil {
			t.Errorf("the key file does not fit: %q, %v", r.Problem(), r.Ready())
		}
		check(t, store.Do(t.Context(), redis.Command("HSET", redis.WrapKey, "primary", "77")).Err)
		if _, err := r.Reader(t.Context(), wrapped); !errors.Is(err, redis.ErrMisconfigured) {
			t.Errorf("with a file that lacks the key which writes: %v", err)
		}
	})
}

// TestWhatWasDestroyedIsGone: nobody waits for a file that holds it.
func TestWhatWasDestroyedIsGone(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	before := generate(t)
	_, wrapped, err := before.NewDataKey([]byte("place"))
	check(t, err)
	after := added(t, before)
	after, err = after.WithPrimary(keys.Wrap, after.Newest(keys.Wrap).ID)
	check(t, err)
	after, err = after.WithoutOld(keys.Wrap, time.Now())
	check(t, err)
	r := open(t, store, &folder{set: after})
	set, err := r.Reader(t.Context(), wrapped)
	check(t, err)
	if _, err := set.UnwrapDataKey(wrapped, []byte("place")); err == nil {
		t.Error("a destroyed key unwraps")
	}
	if _, err := r.Reader(t.Context(), []byte("damaged")); err != nil {
		t.Errorf("what is no wrapped key: %v", err)
	}
}

func TestAKeyFileOlderThanTheStoreIsRefused(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		before := generate(t)
		after := added(t, before)
		next, err := after.WithPrimary(keys.Wrap, after.Newest(keys.Wrap).ID)
		check(t, err)
		open(t, store, &folder{set: next})
		f := &folder{set: before}
		_, err = keyring.Open(t.Context(), keyring.Options{Store: store, Set: before, Load: f.load, Logger: slog.New(slog.DiscardHandler)})
		if !errors.Is(err, redis.ErrMisconfigured) || !strings.Contains(err.Error(), "bauta keys rotate") {
			t.Errorf("a file without the key that writes: %v", err)
		}
		// The other way round, it names what happened: the store is an old copy.
		alone, err := next.WithoutOld(keys.Wrap, time.Now())
		check(t, err)
		check(t, store.Do(t.Context(), redis.Command("HSET", redis.WrapKey, "primary", strconv.FormatUint(uint64(before.Primary(keys.Wrap)), 10))).Err)
		f = &folder{set: alone}
		_, err = keyring.Open(t.Context(), keyring.Options{Store: store, Set: alone, Load: f.load, Logger: slog.New(slog.DiscardHandler)})
		if !errors.Is(err, redis.ErrMisconfigured) || !strings.Contains(err.Error(), "destroyed") {
			t.Errorf("a store from before the key was destroyed: %v", err)
		}
	})
}

func TestABadFileDoesNotTakeTheKeysAway(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	before := generate(t)
	next, err := added(t, before).WithPrimary(keys.Wrap, before.Primary(keys.Wrap))
	check(t, err)
	for name, c := range map[string]struct {
		set *keys.Set
		err error
	}{
		"one that cannot be read":              {nil, errors.New("half a file")},
		"one of another installation":          {generate(t), nil},
		"one of before the key that is in use": {before, nil},
	} {
		f := &folder{set: next}
		if name == "one of before the key that is in use" {
			after, err := next.WithPrimary(keys.Wrap, next.Newest(keys.Wrap).ID)
			check(t, err)
			f.put(after, nil)
			store = redistest.Embedded(t, redis.Options{})
		}
		r := open(t, store, f)
		primary := writes(t, r)
		f.put(c.set, c.err)
		_, foreign, err := generate(t).NewDataKey(nil)
		check(t, err)
		if _, err := r.Reader(t.Context(), foreign); err == nil { // has it read the file
			t.Errorf("%s: a foreign key is read", name)
		}
		if got := writes(t, r); got != primary {
			t.Errorf("%s: writes with %d, want %d", name, got, primary)
		}
		if r.Problem() == "" {
			t.Errorf("%s: nothing is said", name)
		}
		if r.Ready() != nil {
			t.Errorf("%s: not ready, though it can write: %v", name, r.Ready())
		}
	}
}

func TestAReadOnlyStoreIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	store := server.Open(t, redis.Options{ReadOnly: true})
	open(t, store, &folder{set: generate(t)})
	if n := server.Client.DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("%d keys were written", n)
	}
}

func TestScriptsTouchDeclaredKeysOnly(t *testing.T) {
	t.Parallel()
	for _, source := range keyring.Scripts() {
		redistest.DeclaredKeysOnly(t, source)
	}
}
