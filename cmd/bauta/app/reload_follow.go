package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"time"

	"bauta/cmd/bauta/app/config"
)

// How often the configuration's files are looked at. A change is taken over when two
// looks in a row saw the same: an editor may be about to write the rest of it.
const (
	configRound = 5 * time.Second
	configAgain = time.Second
)

// look is what files held at one time.
type look struct {
	files []string
	sum   [sha256.Size]byte
}

// lookAt reads the files. Their contents count, not their dates or inodes: Kubernetes
// replaces links, editors rename, and network drives tell nobody.
func lookAt(files []string) look {
	h := sha256.New()
	var length [8]byte
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // the operator names the files
		if err != nil {
			content = []byte("it cannot be read")
		}
		for _, part := range [][]byte{[]byte(file), content} {
			binary.BigEndian.PutUint64(length[:], uint64(len(part)))
			h.Write(length[:])
			h.Write(part)
		}
	}
	l := look{files: files}
	h.Sum(l.sum[:0])
	return l
}

// lookFor looks at the files that a configuration names, or at known where it cannot be
// read. Before it is read: what changes from then on is seen as a change.
func lookFor(std Std, path string, known []string) look {
	if draft, _, err := config.Draft(path, std.Env, config.AllSecrets); err == nil && draft != nil {
		known = draft.Files()
	}
	return lookAt(known)
}

// followConfig takes changes over until teardown: at once when hangups tells, and when
// files of the configuration have other contents.
func (n *node) followConfig(ctx context.Context, hangups <-chan os.Signal) {
	r := n.reloads.Load()
	n.background(ctx, "the look at the configuration", func(ctx context.Context) {
		var seen look
		for wait := configRound; ; {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-hangups:
				timer.Stop()
				_, _ = r.Reload(ctx) // told
			case <-timer.C:
				wait, seen = r.follow(ctx, seen)
			}
		}
	})
}

// follow looks once, and reloads if the look before saw the same change. It returns
// when to look again, and what was seen.
func (r *reloader) follow(ctx context.Context, before look) (time.Duration, look) {
	r.mu.Lock()
	known := r.looked
	r.mu.Unlock()
	now := lookAt(known.files)
	switch now.sum {
	case known.sum:
		return configRound, look{}
	case before.sum:
		_, _ = r.Reload(ctx) // told
		return configRound, look{}
	}
	return configAgain, now
}
