// Package reply is the business's side of HTTP: the platform's API under handles.
// It checks tokens, finds the route, bounds what is read, has package outbound
// translate, has package graph call, and answers in the platform's words. What it
// says of its own accord is in the platform's error body too.
package reply
