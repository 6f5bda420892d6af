package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"bauta/masking/keys"
)

// changeKeys changes a key file as one step: whoever reads it has the old one or the
// new one, also after a crash, and two commands that change it do not undo each other:
// they take a lock on an empty file beside it, which stays. Owner and mode stay, but
// others lose every right.
func changeKeys(path string, change func(*keys.Set) (*keys.Set, error)) (_ *keys.Set, err error) {
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find the key file: %w", err)
	}
	about, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look at the key file: %w", err)
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	mine, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the key file: %w", err)
	}
	if !mine {
		return nil, errors.New("another command is changing the keys: repeat this one when it is done")
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	next := path + ".new"
	set, written, err := writeChanged(path, next, about, change)
	if err != nil || !written {
		return set, err
	}
	if err := os.Rename(next, path); err != nil {
		return nil, fmt.Errorf("put the new key file in its place: %w", err)
	}
	return set, syncFolder(filepath.Dir(path))
}

// writeChanged writes the changed set of a key file into another; false if nothing
// changed. What a command left there that was broken off is no hindrance.
func writeChanged(path, next string, about fs.FileInfo, change func(*keys.Set) (*keys.Set, error)) (_ *keys.Set, written bool, err error) {
	before, problem := readKeys(path)
	if problem.text != "" {
		return nil, false, usageError{errors.New(problem.text)}
	}
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, fmt.Errorf("take away what a broken-off command left: %w", err)
	}
	set, err := change(before)
	if err != nil || set == before {
		return set, false, err
	}
	file, err := os.OpenFile(next, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // beside the operator's file
	if err != nil {
		return nil, false, fmt.Errorf("make a new key file beside the present one: %w", err)
	}
	if err := errors.Join(set.Write(file), keep(file, about), file.Sync(), file.Close()); err != nil {
		return nil, false, errors.Join(fmt.Errorf("write %s: %w", next, err), os.Remove(next))
	}
	return set, true, nil
}
