package playground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bauta/webhook"
	"bauta/webhook/simulator"
)

// The ways of a step.
const (
	wayIn    = "in"    // from the platform to the business
	wayOut   = "out"   // from the business to the platform
	wayOwn   = "own"   // a message of Bauta's own to the customer
	wayNews  = "news"  // an event of Bauta's own to the business
	wayStays = "stays" // an event that goes to nobody
)

// step is one event, or one call of the business.
type step struct {
	id  string
	way string
	at  time.Time
	// kind and sort are the platform's words: message and text, status and read.
	kind, sort string
	explained  webhook.Explained
	// reason is why it goes to nobody.
	reason string
	// platform and business are the two sides; nil where there is none.
	platform, business []byte
	// told are the Bauta-* headers of the delivery, by name.
	told map[string]string
	// again counts how often the platform sent it once more.
	again int
	// status of the answer to a call, 0 for events.
	status int
	// post is how the step is repeated.
	post call
}

// call is a request that can be made by hand: with Secret it is signed, with Token it has
// that.
type call struct {
	url, secret, token string
	body               []byte
}

// quiet tells what does not come to the front by itself.
func (s *step) quiet() bool {
	switch s.way {
	case wayIn:
		return s.kind == "status"
	case wayOwn:
		return s.sort != "question"
	case wayNews, wayStays:
		return true
	}
	return false
}

// masked tells that the step is about somebody hidden.
func (s *step) masked() bool {
	switch s.told["Bauta-Visibility"] {
	case "visible", "shared":
		return false
	}
	return s.explained.Visibility != "visible" && s.explained.Visibility != "shared"
}

// curl is the command that makes the call, for a shell as POSIX has it.
func (c call) curl() string {
	if c.url == "" {
		return ""
	}
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
	lines := []string{"curl -sS -w '%{http_code}\\n' " + quote(c.url), "-H 'Content-Type: application/json'"}
	if c.secret != "" {
		lines = append(lines, "-H "+quote("X-Hub-Signature-256: "+simulator.Sign(c.secret, c.body)))
	}
	if c.token != "" {
		lines = append(lines, "-H "+quote("Authorization: Bearer "+c.token))
	}
	if c.body == nil {
		return strings.Join(append(lines, "-X POST"), " \\\n  ")
	}
	return strings.Join(append(lines, "--data-binary "+quote(string(c.body))), " \\\n  ")
}

// observe takes in what Bauta made of a body. It is called before the events are stored,
// so that a step is there when its delivery comes.
func (s *Show) observe(body []byte, p *webhook.Prepared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	post := call{url: s.running.Public + "/webhooks/" + s.o.Scene.App, secret: s.o.Scene.Secret, body: body}
	for _, x := range p.Decisions {
		if known := s.step(x.ID); known != nil && known.platform != nil {
			known.again++
			continue
		}
		s.add(&step{id: x.ID, way: wayIn, kind: x.Kind, sort: x.Type, explained: x, platform: body, post: post})
	}
	for _, d := range p.Dropped {
		s.add(&step{way: wayStays, kind: "status", sort: sortOf(body), reason: d.Reason, platform: body, post: post})
	}
}

// sortOf is how far a status says that its message came.
func sortOf(body []byte) string {
	_, after, _ := bytes.Cut(body, []byte(`"status":"`))
	word, _, found := bytes.Cut(after, []byte(`"`))
	if !found {
		return ""
	}
	return string(word)
}

// called takes in a call that the platform got.
func (s *Show) called(c simulator.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	if !strings.HasSuffix(c.Path, "/messages") {
		return
	}
	var sent struct {
		Type     string `json:"type"`
		Callback string `json:"biz_opaque_callback_data"`
		Status   string `json:"status"`
	}
	if json.Unmarshal(c.Body, &sent) != nil || sent.Status != "" {
		return
	}
	if own, ok := strings.CutPrefix(sent.Callback, "bauta:"); ok {
		kind, _, _ := strings.Cut(own, ":")
		n := &step{way: wayOwn, kind: "own", sort: kind, platform: c.Body, status: c.Status}
		if kind == "question" {
			n.post, s.asking = s.asking, call{}
		}
		s.add(n)
		return
	}
	out := &step{way: wayOut, kind: "answer", sort: sent.Type, platform: c.Body, status: c.Status}
	if s.answering != nil {
		out.business, out.post, s.answering = s.answering.business, s.answering.post, nil
	}
	s.add(out)
}

// add puts a step at the end, and to the front unless it is quiet.
func (s *Show) add(n *step) {
	s.count++
	if n.id == "" {
		n.id = fmt.Sprintf("n%d", s.count)
	}
	n.at = time.Now()
	s.steps = newest(append(s.steps, n), mostSteps)
	bytes := 0
	for i, kept := range slices.Backward(s.steps) {
		if bytes += len(kept.platform) + len(kept.business); bytes > mostBytes && i < len(s.steps)-1 {
			s.steps = newest(s.steps, len(s.steps)-1-i)
			break
		}
	}
	if name := n.reaches(); name != "" {
		s.reached[name] = true
	}
	if !n.quiet() {
		s.front = n.id
	}
}

// step finds one, nil if it is not there.
func (s *Show) step(id string) *step {
	for _, n := range s.steps {
		if n.id == id {
			return n
		}
	}
	return nil
}
