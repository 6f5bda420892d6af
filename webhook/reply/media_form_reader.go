package reply

import (
	"errors"
	"io"
)

// gate lets so many bytes through and no more: the library reads headers of 10 MiB.
type gate struct {
	from io.Reader
	left int64
	// shut: somebody wanted more.
	shut bool
}

// Read implements io.Reader.
func (g *gate) Read(p []byte) (int, error) {
	if g.left <= 0 {
		g.shut = true
		return 0, errEnded
	}
	n, err := g.from.Read(p[:min(int64(len(p)), g.left)])
	g.left -= int64(n)
	return n, err
}

// tally tells errors of reading from those of writing.
type tally struct {
	from io.Reader
	err  error
}

// Read implements io.Reader.
func (t *tally) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		t.err = err
	}
	return n, err
}
