// Package forward delivers the lanes of endpoints: in order, signed, with
// retries and a breaker, and so that no endpoint waits for another (design 3,
// promises 4 and 5).
package forward
