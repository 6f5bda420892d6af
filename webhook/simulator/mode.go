package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// Mode is how the stand-in fails to answer.
type Mode string

// The modes. A call is dealt with before: what it did is done, and only nobody is
// told. "" answers.
const (
	// Garbage answers 200 with something that is no JSON.
	Garbage Mode = "garbage"
	// Slow writes one byte a second.
	Slow Mode = "slow"
	// Cut ends the connection in the middle of the answer.
	Cut Mode = "cut"
	// Silent never answers.
	Silent Mode = "silent"
)

// Fail makes the stand-in fail from now on; "" ends it.
func (g *Graph) Fail(mode Mode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode = mode
}

func (g *Graph) write(w http.ResponseWriter, r *http.Request, mode Mode, status int, body []byte) {
	switch mode {
	case Garbage:
		_, _ = w.Write([]byte("\xff\xfe<html>upstream +1 650 555 0142 {\"contacts\":[{\"wa_id\":"))
	case Slow:
		w.WriteHeader(status)
		drip(w, r, body)
	case Cut:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case Silent:
		<-r.Context().Done()
	default:
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

func drip(w http.ResponseWriter, r *http.Request, body []byte) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := range body {
		_, _ = w.Write(body[i : i+1])
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// wish is what a message asks the stand-in to do to it.
type wish struct {
	// refused and failed are codes, -1 for none.
	refused, failed int
	mode            Mode
}

// asked reads the wishes in a call's text, template name and
// biz_opaque_callback_data.
func (g *Graph) asked(c *call) wish {
	w := wish{refused: -1, failed: -1}
	if c.edge != "messages" && c.edge != "marketing_messages" && c.edge != "calls" {
		return w
	}
	for _, text := range []string{
		c.fields.object("text").text("body"), c.fields.object("template").text("name"), c.fields.text("biz_opaque_callback_data"),
	} {
		found := g.wishes.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		code, err := strconv.Atoi(found[2])
		switch {
		case err != nil:
			w.mode = Mode(found[3])
		case found[1] == "error":
			w.refused = code
		default:
			w.failed = code
		}
	}
	return w
}
