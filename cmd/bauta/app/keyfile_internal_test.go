package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/masking/keys"
)

func TestAKeyFileIsChangedAsAWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, link := filepath.Join(dir, "keys.json"), filepath.Join(dir, "link.json")
	if err := errors.Join(createKeys(path), os.Symlink("keys.json", link)); err != nil {
		t.Fatal(err)
	}
	// What a command left that was killed is no hindrance.
	if err := os.WriteFile(path+".new", []byte("half a file, longer than a whole one"+strings.Repeat(" ", 9000)), 0o600); err != nil {
		t.Fatal(err)
	}
	add := func(s *keys.Set) (*keys.Set, error) { return s.WithNewKey(keys.Wrap, time.Now()) }
	set, err := changeKeys(link, add)
	if err != nil {
		t.Fatal(err)
	}
	again, problem := readKeys(path)
	if problem.text != "" || again.Newest(keys.Wrap).ID != set.Newest(keys.Wrap).ID || again.Primary(keys.Wrap) == again.Newest(keys.Wrap).ID {
		t.Errorf("the file holds another set: %s", problem.text)
	}
	if about, err := os.Lstat(link); err != nil || about.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced instead of the file")
	}
	if about, err := os.Stat(path); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", about.Mode(), err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no")
	if _, err := changeKeys(path, func(*keys.Set) (*keys.Set, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("a change that fails: %v", err)
	}
	if _, err := changeKeys(path, func(s *keys.Set) (*keys.Set, error) {
		_, inner := changeKeys(path, add)
		if inner == nil || !strings.Contains(inner.Error(), "another command") {
			t.Errorf("two changes at once: %v", inner)
		}
		return s, nil
	}); err != nil {
		t.Errorf("a change that changes nothing: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file was changed: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.new")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Many commands change one file at once: every change that was told to be made is in
// it, and whoever reads it has a whole file.
func TestChangesOfAKeyFileDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := createKeys(path); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var made []uint32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 10 {
				set, err := changeKeys(path, func(s *keys.Set) (*keys.Set, error) { return s.WithNewKey(keys.Wrap, time.Now()) })
				if err == nil {
					mu.Lock()
					made = append(made, set.Newest(keys.Wrap).ID)
					mu.Unlock()
				}
				if _, problem := readKeys(path); problem.text != "" {
					t.Errorf("while it is changed: %s", problem.text)
				}
			}
		})
	}
	all.Wait()
	set, problem := readKeys(path)
	if problem.text != "" || len(made) == 0 {
		t.Fatalf("%s; %d changes", problem.text, len(made))
	}
	for _, id := range made {
		if !set.Holds(keys.Wrap, id) {
			t.Error("a key that was added is not in the file")
		}
	}
}
