namespace Kneepoint.Coding.Packing;

/// <summary>How the numbers of a part are written.</summary>
public enum TensorForm
{
    /// <summary>Bytes that mean nothing known.</summary>
    Bytes,

    /// <summary>Floating-point numbers by their parts.</summary>
    Floats,

    /// <summary>Whole numbers, as distances from one of them.</summary>
    Integers,

    /// <summary>Floating-point numbers that are whole multiples of a step: one for all, or one for each row or column.</summary>
    Steps,

    /// <summary>Floating-point numbers of which there are few: a sorted list, and places in it.</summary>
    Codebook,

    /// <summary>The same bytes as an earlier part of the group.</summary>
    Copy,

    /// <summary>Floating-point numbers that are whole multiples of a step, where those before say which multiples a number may be.</summary>
    Trellis,
}
