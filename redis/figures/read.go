package figures

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta/redis"
	"bauta/webhook"
	"bauta/webhook/operate"
)

// Read returns the figures of a business that were counted in a span, of all nodes: of
// events by the minute, of everything else by the hour in which it begins or lies, but for
// ads. What this node did not add yet is not in it. One pipeline.
func (f *Figures) Read(ctx context.Context, business string, span operate.Span) ([]operate.Counted, error) {
	first := span.From.Unix() / 3600
	var calls []redis.Call
	for hour := first; hour*3600 < span.To.Unix(); hour++ {
		calls = append(calls, redis.Command("HGETALL", f.names.Figures(business, hour)))
	}
	var out []operate.Counted
	for i, r := range f.store.Pipeline(ctx, calls) {
		err := each(r, func(field string, n int64) {
			c, minute, ok := parse(business, field)
			if !ok {
				return
			}
			c.At, c.N = time.Unix((first+int64(i))*3600+minute*60, 0).UTC(), n
			exact := c.Figure.Kind == webhook.FigureEvent
			if !exact || !c.At.Before(span.From) && c.At.Before(span.To) {
				out = append(out, c)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("read figures: %w", err)
		}
	}
	return out, nil
}

// Ads returns what was decided for who came by each ad, on the days (UTC) of a span.
func (f *Figures) Ads(ctx context.Context, business string, span operate.Span) ([]operate.Counted, error) {
	first := span.From.Unix() / 86400
	var calls []redis.Call
	for day := first; day*86400 < span.To.Unix(); day++ {
		calls = append(calls, redis.Command("HGETALL", f.names.AdFigures(business, day)))
	}
	var out []operate.Counted
	for i, r := range f.store.Pipeline(ctx, calls) {
		err := each(r, func(field string, n int64) {
			what, ad, ok := strings.Cut(field, ":")
			if ok {
				out = append(out, operate.Counted{
					At: time.Unix((first+int64(i))*86400, 0).UTC(), N: n,
					Figure: webhook.Figure{Business: business, Kind: webhook.FigureAd, What: what, By: ad},
				})
			}
		})
		if err != nil {
			return nil, fmt.Errorf("read figures of ads: %w", err)
		}
	}
	return out, nil
}

// each visits the fields of a hash.
func each(r redis.Result, visit func(field string, n int64)) error {
	reply, err := r.List()
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(reply); i += 2 {
		field, _ := reply[i].(string)
		text, _ := reply[i+1].(string)
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			visit(field, n)
		}
	}
	return nil
}

// parse reads a field; false for one that this version does not know.
func parse(business, field string) (operate.Counted, int64, bool) {
	var parts []any
	if json.Unmarshal([]byte(field), &parts) != nil || len(parts) != 5 {
		return operate.Counted{}, 0, false
	}
	minute, ok := parts[0].(float64)
	var words [4]string
	for i := range words {
		word, isWord := parts[i+1].(string)
		words[i], ok = word, ok && isWord
	}
	return operate.Counted{Figure: webhook.Figure{
		Business: business, Kind: webhook.FigureKind(words[0]), What: words[1], By: words[2], Why: words[3],
	}}, int64(minute), ok && minute >= 0 && minute < 60
}
