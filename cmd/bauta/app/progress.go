package app

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress shows how far a long work is, on a terminal only.
type progress struct {
	out      io.Writer
	what     string
	total    int
	done     int
	terminal bool
	shown    time.Time
}

// newProgress shows done of total; 0: the total is not known.
func newProgress(out io.Writer, what string, total int) *progress {
	file, ok := out.(*os.File)
	return &progress{out: out, what: what, total: total, terminal: ok && term.IsTerminal(int(file.Fd()))}
}

func (p *progress) step() { p.to(p.done + 1) }

// reach shows that done of total are done.
func (p *progress) reach(done, total int64) {
	p.total = int(total)
	p.to(int(done))
}

func (p *progress) to(done int) {
	p.done = done
	if !p.terminal || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	if p.total > 0 {
		_, _ = fmt.Fprintf(p.out, "\r%d of %d %s (%d %%)\x1b[K", p.done, p.total, p.what, 100*p.done/p.total)
		return
	}
	_, _ = fmt.Fprintf(p.out, "\r%d %s\x1b[K", p.done, p.what)
}

// finish says how far it came and the last word, on any output.
func (p *progress) finish(last string) error {
	return p.end(fmt.Sprintf("%d %s, %s", p.done, p.what, last))
}

// clear takes it from the terminal.
func (p *progress) clear() {
	if p.terminal {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// end says the last word alone.
func (p *progress) end(last string) error {
	p.clear()
	_, err := fmt.Fprintln(p.out, last)
	return err
}
