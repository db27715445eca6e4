namespace Kneepoint.Coding.Indices;

/// <summary>How the numbers of a tensor lie in the plane: what stands beside and above one.</summary>
/// <param name="Rows">Rows; for a weight of a convolution its output channels.</param>
/// <param name="Columns">Numbers in a row, one after the other.</param>
/// <param name="Period">After how many columns the same place of a kernel comes again; 1 if there is no kernel.</param>
readonly record struct IndexShape(int Rows, int Columns, int Period)
{
    /// <summary>The numbers in all rows.</summary>
    public int Count => Rows * Columns;
}
