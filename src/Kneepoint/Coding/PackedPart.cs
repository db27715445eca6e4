using Kneepoint.Coding.Packing;

namespace Kneepoint.Coding;

/// <summary>Rows of a tensor that are coded together.</summary>
/// <param name="Group">The place of its group among all.</param>
/// <param name="Form">How its numbers are written.</param>
/// <param name="Code">How its numbers are coded.</param>
/// <param name="ModelBytes">Bytes of its data in the model.</param>
/// <param name="Count">How many numbers it holds.</param>
/// <param name="NumberBits">Bits that the numbers take: the sum of −log₂ of the probabilities that they were coded with, and the bits of blocks that stand beside the arithmetic code.</param>
/// <param name="SideBits">Bits that everything else about them takes: form, steps, codebook, shares of symbols.</param>
public sealed record PackedPart(int Group, TensorForm Form, NumberCode Code, int ModelBytes, int Count, double NumberBits, double SideBits);
