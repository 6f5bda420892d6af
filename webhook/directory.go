package webhook

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Directory finds businesses by the platform's names for them. Read-only.
type Directory struct {
	byWABA map[string]*Business
	byID   map[string]*Business
	// rest takes what no business claims; nil outside of the mask command.
	rest *Business
}

// NewDirectory takes businesses whose WABAs are distinct within an app (the
// configuration checks it).
func NewDirectory(businesses []Business) *Directory {
	d := &Directory{byWABA: map[string]*Business{}, byID: map[string]*Business{}}
	for i := range businesses {
		b := &businesses[i]
		d.byID[b.ID] = b
		for _, waba := range b.WABAs {
			d.byWABA[wabaKey(b.App, waba)] = b
			d.byWABA[wabaKey(AnyApp, waba)] = b
		}
	}
	return d
}

// AnyApp looks a WABA up whatever its app, where a payload comes without one.
const AnyApp = ""

// NewSoleDirectory has one business, to whom every WABA belongs.
func NewSoleDirectory(b Business) *Directory {
	d := NewDirectory([]Business{b})
	d.rest = d.byID[b.ID]
	return d
}

// ByWABA returns the business that owns a WABA of an app, nil if none does.
func (d *Directory) ByWABA(app, waba string) *Business {
	if b, ok := d.byWABA[wabaKey(app, waba)]; ok {
		return b
	}
	return d.rest
}

// All returns every business, by id.
func (d *Directory) All() []*Business {
	return slices.SortedFunc(maps.Values(d.byID), func(a, b *Business) int { return strings.Compare(a.ID, b.ID) })
}

// ByID returns a business, nil if there is none of that id.
func (d *Directory) ByID(id string) *Business { return d.byID[id] }

func wabaKey(app, waba string) string { return app + "\x00" + waba }

// onceEach lets the first of each name through, for warnings. Bounded: what
// outside senders can name must not grow memory.
type onceEach struct {
	mu   sync.Mutex
	seen map[string]bool
}

const onceEachLimit = 1024

func newOnceEach() *onceEach { return &onceEach{seen: map[string]bool{}} }

func (o *onceEach) first(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen[name] || len(o.seen) >= onceEachLimit {
		return false
	}
	o.seen[name] = true
	return true
}

func (o *onceEach) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Keys(o.seen))
}
