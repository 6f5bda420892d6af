package webhook

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Directory finds businesses by the platform's names for them. What it knows can be
// replaced, all at once; what it gave out stays as it was. Safe for concurrent use.
type Directory struct{ now atomic.Pointer[View] }

// View is what a Directory knows at one moment. Read-only.
type View struct {
	byWABA map[string]*Business
	byID   map[string]*Business
	// rest takes what no business claims; nil outside of the mask command.
	rest *Business
}

// NewDirectory takes businesses whose WABAs are distinct within an app (the
// configuration checks it).
func NewDirectory(businesses []Business) *Directory {
	d := &Directory{}
	d.Replace(businesses)
	return d
}

// Replace has these businesses in the place of those before, as NewDirectory takes them.
func (d *Directory) Replace(businesses []Business) {
	v := &View{byWABA: map[string]*Business{}, byID: map[string]*Business{}}
	for i := range businesses {
		b := &businesses[i]
		v.byID[b.ID] = b
		for _, waba := range b.WABAs {
			v.byWABA[wabaKey(b.App, waba)] = b
			v.byWABA[wabaKey(AnyApp, waba)] = b
		}
	}
	d.now.Store(v)
}

// AnyApp looks a WABA up whatever its app, where a payload comes without one.
const AnyApp = ""

// NewSoleDirectory has one business, to whom every WABA belongs.
func NewSoleDirectory(b Business) *Directory {
	d := NewDirectory([]Business{b})
	d.now.Load().rest = d.ByID(b.ID)
	return d
}

// View returns what it knows now, for whoever looks more than once and wants the same.
func (d *Directory) View() *View { return d.now.Load() }

// ByWABA is View.ByWABA of now.
func (d *Directory) ByWABA(app, waba string) *Business { return d.View().ByWABA(app, waba) }

// All is View.All of now.
func (d *Directory) All() []*Business { return d.View().All() }

// ByID is View.ByID of now.
func (d *Directory) ByID(id string) *Business { return d.View().ByID(id) }

// ByWABA returns the business that owns a WABA of an app, nil if none does.
func (v *View) ByWABA(app, waba string) *Business {
	if b, ok := v.byWABA[wabaKey(app, waba)]; ok {
		return b
	}
	return v.rest
}

// All returns every business, by id.
func (v *View) All() []*Business {
	return slices.SortedFunc(maps.Values(v.byID), func(a, b *Business) int { return strings.Compare(a.ID, b.ID) })
}

// ByID returns a business, nil if there is none of that id.
func (v *View) ByID(id string) *Business { return v.byID[id] }

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
