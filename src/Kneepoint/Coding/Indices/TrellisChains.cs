using Kneepoint.Tensors;

namespace Kneepoint.Coding.Indices;

/// <summary>How the chains of a <see cref="Trellis"/> run through a plane, and the states in which they begin.</summary>
sealed class TrellisChains
{
    // In shorter chains almost any multiples fit one of the states.
    const int LeastToBegin = 12;

    readonly IndexShape _shape;
    readonly byte[] _begins;
    readonly byte[] _states;

    /// <summary>Chains that begin in state 0.</summary>
    /// <param name="shape">The plane.</param>
    /// <param name="isAlongRows">Whether they run along the rows, from one period to the next, each row anew; else down the columns.</param>
    public TrellisChains(IndexShape shape, bool isAlongRows)
    {
        (_shape, IsAlongRows) = (shape, isAlongRows);
        _begins = new byte[isAlongRows ? shape.Period : shape.Columns];
        _states = new byte[_begins.Length];
    }

    /// <summary>Whether chains run along the rows.</summary>
    public bool IsAlongRows { get; }

    /// <summary>The states in which the chains begin: of columns that go on from another part.</summary>
    public Span<byte> Begins => _begins;

    /// <summary>Goes to the begin of the plane.</summary>
    public void Restart() => _begins.CopyTo(_states, 0);

    /// <summary>Goes to the begin of a row.</summary>
    public void BeginRow()
    {
        if (IsAlongRows) _begins.CopyTo(_states, 0);
    }

    /// <summary>The state before the next number of a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="place">Its place in the period.</param>
    public ref byte StateOf(int column, int place) => ref _states[IsAlongRows ? place : column];

    /// <summary>Makes multiples of indices.</summary>
    public void ToMultiples(Span<int> indices)
    {
        Restart();
        for (int i = 0; i < indices.Length; i++)
        {
            int column = i % _shape.Columns;
            if (column == 0) BeginRow();
            ref byte state = ref StateOf(column, column % _shape.Period);
            int index = indices[i];
            indices[i] = Trellis.Multiple(state, index);
            Trellis.Advance(ref state, index);
        }
    }

    /// <summary>Finds chains of which multiples are, and makes indices of them; null, and the multiples as they were, if there are none.</summary>
    public static TrellisChains? Find(Span<int> multiples, IndexShape shape)
    {
        foreach (bool isAlongRows in (ReadOnlySpan<bool>)[false, true])
        {
            var chains = new TrellisChains(shape, isAlongRows);
            if (chains.Fits(multiples) || !isAlongRows && shape.Rows >= LeastToBegin && chains.FindsBegins(multiples))
            {
                chains.ToIndices(multiples);
                return chains;
            }
        }

        return null;
    }

    bool Fits(ReadOnlySpan<int> multiples)
    {
        Restart();
        for (int i = 0; i < multiples.Length; i++)
        {
            int column = i % _shape.Columns;
            if (column == 0) BeginRow();
            ref byte state = ref StateOf(column, column % _shape.Period);
            if (Trellis.Index(state, multiples[i]) is not { } index) return false;
            Trellis.Advance(ref state, index);
        }

        return true;
    }

    bool FindsBegins(ReadOnlySpan<int> multiples)
    {
        for (int column = 0; column < _shape.Columns; column++)
        {
            int begin = 0;
            while (begin < Trellis.States && !FitsFrom(begin, multiples[column..])) begin++;
            if (begin == Trellis.States) return false;
            _begins[column] = (byte)begin;
        }

        return true;
    }

    bool FitsFrom(int state, ReadOnlySpan<int> column)
    {
        for (int i = 0; i < column.Length; i += _shape.Columns)
        {
            if (Trellis.Index(state, column[i]) is not { } index) return false;
            state = Trellis.Next(state, index);
        }

        return true;
    }

    void ToIndices(Span<int> multiples)
    {
        Restart();
        for (int i = 0; i < multiples.Length; i++)
        {
            int column = i % _shape.Columns;
            if (column == 0) BeginRow();
            ref byte state = ref StateOf(column, column % _shape.Period);
            int index = Trellis.Index(state, multiples[i])!.Value;
            multiples[i] = index;
            Trellis.Advance(ref state, index);
        }
    }
}
