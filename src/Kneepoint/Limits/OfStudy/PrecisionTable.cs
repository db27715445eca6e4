using System.Collections.Immutable;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What uniform precision of all weights costs: bounds and measurement side by side.</summary>
/// <param name="Rows">By rising bits.</param>
/// <param name="MismatchSamples">Samples behind the bounds of mismatches; 0 where there are none.</param>
/// <param name="MeasuredSamples">Samples behind what was measured.</param>
/// <param name="CertifiedSamples">Samples behind the certificates; 0 where there are none.</param>
/// <param name="NoMismatch">Why there are no bounds of mismatches, in one sentence; null where there are.</param>
/// <param name="NoCertificate">Why there are no certificates, in one sentence; null where there are.</param>
public sealed record PrecisionTable(ImmutableArray<PrecisionRow> Rows, int MismatchSamples, int MeasuredSamples, int CertifiedSamples, string? NoMismatch, string? NoCertificate);

/// <summary>All weights rounded to the nearest of so many bits, symmetric, one step for each layer.</summary>
/// <param name="Bits">Bits of a weight.</param>
/// <param name="Theorem">Statement M as it stands: share of decisions that change; may exceed 1.</param>
/// <param name="MismatchAtMost">Statement M, each sample held to 1, with Chernoff's tail where that is sharper.</param>
/// <param name="MeasuredMismatch">Share of decisions that the rounded network changed.</param>
/// <param name="MeasuredAccuracy">Share of right decisions of the rounded network on the samples of the certificates; null without labels.</param>
/// <param name="CertifiedShare">Statement N: share of right decisions that no rounding of so many bits can change.</param>
public sealed record PrecisionRow(int Bits, double? Theorem, double? MismatchAtMost, double MeasuredMismatch, double? MeasuredAccuracy, double? CertifiedShare);
