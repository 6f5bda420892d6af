package masking

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"

	"bauta/masking/jsontree"
)

// Errors of Rewrite. Both are faults of the caller; the event has to be held.
var (
	ErrBadJob   = errors.New("not a job: it needs a document, and a subject that is one of the people")
	ErrNoHandle = errors.New("a hidden person has no handle: mint one before the event is rewritten")
)

// Rewriter masks events. It is safe for concurrent use; make one and keep it,
// since it keeps the buffers of earlier events.
type Rewriter struct {
	class  *[256]class
	parser *jsontree.Parser
	spare  sync.Pool // of *writer
}

// NewRewriter returns a Rewriter.
func NewRewriter() *Rewriter {
	return &Rewriter{class: newClasses(), parser: jsontree.NewParser()}
}

// Job is one event to mask: a view on a document and everybody it names.
type Job struct {
	Doc *jsontree.Doc
	// Only are the arrays of which not all elements belong to the event.
	Only []jsontree.Only
	// Drop are members, by the node of their value, that are left out.
	Drop   []int32
	Schema *Schema // of the root
	People []Person
	// Subject is the index of the event's customer in People, -1 for none.
	Subject int
	View    View
	// IDs re-issues message ids; without it every one is replaced by a marker.
	IDs IDs
	// Put are values that are written in the place of others, whatever they are.
	Put []Put
	// Trace asks for Result.Places.
	Trace bool
}

// Put is a text in the place of a node's value.
type Put struct {
	Node int32
	Text string
}

// Span is a part of Result.Body, in bytes.
type Span struct{ Start, End int }

// Result is a masked event.
type Result struct {
	// Body is the event, a document of its own that nobody else holds.
	Body []byte
	// Exempt are the values (quotes included) that the business wrote itself
	// and that stay as they are, in order.
	Exempt []Span
	// Places are JSON paths of what was masked, if the job asked for them. A
	// member that the schema does not know is written *, since its name is payload.
	Places []string
	// Changed tells that something was masked.
	Changed bool
}

// Rewrite writes one event as the job's business may see it. Everything but
// masked values is copied byte for byte, save that bytes of 0x80 and above
// become \u escapes (promise 6 of ARCHITECTURE.md). Rewriting a result once more changes
// nothing, if the job's IDs leave their own ids alone.
//
// The errors are ErrBadJob and ErrNoHandle. They hold no part of the event.
func (r *Rewriter) Rewrite(job Job) (Result, error) {
	if job.Doc == nil || len(job.Doc.Nodes) == 0 || job.Subject < -1 || job.Subject >= len(job.People) {
		return Result{}, ErrBadJob
	}
	for i := range job.People {
		if !job.People[i].Visible && !job.People[i].Handle.shownIn(job.View) {
			return Result{}, fmt.Errorf("person %d of the event: %w", i, ErrNoHandle)
		}
	}
	w, ok := r.spare.Get().(*writer)
	if !ok {
		w = &writer{parser: r.parser, names: scrubber{class: r.class}}
	}
	w.begin(job)
	w.value(0, job.Schema, w.subject)
	w.copyTo(int32(len(job.Doc.Source))) //nolint:gosec // bodies are a few MiB
	result := Result{
		Body: bytes.Clone(w.out), Exempt: slices.Clone(w.exempt),
		Places: slices.Clone(w.places), Changed: w.changed,
	}
	w.end()
	r.spare.Put(w)
	return result, nil
}
