// SPDX-License-Identifier: Apache-2.0
/** gRPC-Java's balancers at the same work. */
package io.fairlead.peers.grpc;
